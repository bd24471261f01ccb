"""What everybody tries first: the heads of the published lists of leaked passwords, Chinese habits, and this product.

Compared in lower case, also without the digits and signs around it.
"""

WORDS = """
password passwort passw0rd p@ssw0rd p@ssword pa55word password1 password123 qwerty qwertyuiop qwerty123 1q2w3e4r
1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc qazwsx qazwsxedc zaq12wsx q1w2e3r4 q1w2e3r4t5 asdfgh asdfghjkl zxcvbn zxcvbnm abc123
abcd1234 abcdef abcdefg a123456 a12345678 a123456789 aa123456 aa12345678 123456a 123456abc 123qwe 123abc qwe123 admin
administrator admin123 admin888 root toor guest test tester test123 user user123 welcome welcome1 letmein login
iloveyou princess sunshine monkey dragon football baseball superman batman shadow master michael jordan freedom
whatever trustno1 starwars computer internet samsung pokemon charlie ashley nicole daniel hello hello123 changeme
default secret secret123 access manager service system server oracle manage public private temp temp123 demo demo123
woaini woaini520 woaini1314 woaiwojia woaizhongguo wodemima mima mima123 nihao nihao123 zhongguo beijing shanghai
ningbo zhejiang cixi hangzhou china china123 xiaoming zhangsan lisi wangwang wangyut2 caonima 5201314 7758521 7758258
1314520 520520 147258369 159357 159753 789456123 789456 741852963 741852 963852741 321654987 123321 1234567890
0123456789 9876543210 987654321 1123581321 110110110 12345678910 123456789a 123456789q 123456789abc
onemap onemap123 shudi yizhangtu wangge wangge123 zhihuizhongxin zhengfu zhengfu123 jiedao xiangzhen bumen dashboard
yonghu guanliyuan mimamima meiyoumima chushimima moren morenmima
"""
COMMON = frozenset(WORDS.split())
