"""What kind of thing a matter is: how often it comes, when, in what surroundings, and how hard it is to finish."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dashboard.simulation import rhythm


class Setting(StrEnum):
    """Surroundings, told from the size and the position of the cells alone."""

    STREET = "street"
    QUARTER = "quarter"
    WORKSHOP = "workshop"
    SITE = "site"
    RIVER = "river"
    OUTSIDE = "outside"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Profile:
    """How a matter behaves.

    Attributes
    ----------
    weight
        Its share of all reports, against the other matters.
    days
        Median time to finish, in working days.
    hot
        Part of its reports that comes from a few bad places.
    words
        What a reporter says, one of them at a time; ``{place}`` is the village's name.
    """

    weight: float
    setting: Setting
    days: float
    hours: tuple[float, ...] = rhythm.ROUNDS
    week: tuple[float, ...] = rhythm.WORKING_WEEK
    hot: float = 0.0
    words: tuple[str, ...] = ()


ORDINARY = Profile(weight=0.3, setting=Setting.ANYWHERE, days=0.8)
RARE = Profile(weight=0.04, setting=Setting.ANYWHERE, days=0.6)

PROFILES: Mapping[str, Profile] = {
    "YJS-01": Profile(
        11,
        Setting.STREET,
        1.6,
        rhythm.MEALTIMES,
        rhythm.LEISURE_WEEK,
        0.4,
        (
            "{place}沿街饭店油烟直排，楼上住户无法开窗",
            "{place}烧烤店夜间油烟呛人，净化器未开",
            "{place}居民楼下餐馆无专用烟道",
        ),
    ),
    "YJS-02": Profile(
        7,
        Setting.SITE,
        1.8,
        rhythm.AROUND_THE_CLOCK,
        rhythm.WORKING_WEEK,
        0.4,
        ("{place}空地夜间被倾倒建筑垃圾约两车", "{place}路边堆放装修垃圾多日未清", "渣土车在{place}偷倒泥浆"),
    ),
    "YJS-03": Profile(4, Setting.QUARTER, 2.0, hot=0.1, words=("{place}住户在屋顶加建一层", "{place}店铺后院搭建钢棚")),
    "YJS-04": Profile(
        4,
        Setting.STREET,
        1.4,
        rhythm.MEALTIMES,
        rhythm.LEISURE_WEEK,
        0.25,
        ("{place}小吃店未见证照公示", "{place}夜宵摊无食品经营许可"),
    ),
    "YJS-05": Profile(2, Setting.QUARTER, 1.6, words=("{place}居民楼内开办学生托管，通道堆物",)),
    "YJS-06": Profile(
        4,
        Setting.RIVER,
        1.8,
        rhythm.DAYLIGHT,
        hot=0.3,
        words=("{place}河段水色发黑有异味", "{place}桥下排口排出泡沫水"),
    ),
    "YJS-07": Profile(4, Setting.WORKSHOP, 1.8, rhythm.EVENINGS, hot=0.3, words=("{place}注塑作坊夜间有刺鼻气味",)),
    "YJS-08": Profile(
        2, Setting.OUTSIDE, 2.2, rhythm.DAYLIGHT, words=("{place}农田被填土硬化", "{place}耕地上搭建仓棚")
    ),
    "YJS-09": Profile(3, Setting.ANYWHERE, 1.0, rhythm.AROUND_THE_CLOCK, words=("重型货车经{place}沿路抛洒砂石",)),
    "YJS-10": Profile(5, Setting.QUARTER, 1.3, words=("{place}出租房用彩钢板隔断，仅一处出口", "{place}车库出租住人")),
    "YJS-11": Profile(
        6,
        Setting.SITE,
        1.3,
        rhythm.DAYLIGHT,
        hot=0.5,
        words=("{place}工地土方未覆盖，起风扬尘", "{place}工地出口未冲洗，路面泥泞"),
    ),
    "YJS-12": Profile(
        5, Setting.QUARTER, 1.7, rhythm.EVENINGS, words=("{place}小区物业长期不清运垃圾", "{place}小区路灯电梯失修")
    ),
    "SD-01": Profile(16, Setting.QUARTER, 0.3, hot=0.1, words=("{place}垃圾桶旁积存生活垃圾", "{place}巷口有成堆垃圾")),
    "SD-02": Profile(
        13,
        Setting.STREET,
        0.2,
        rhythm.MEALTIMES,
        rhythm.LEISURE_WEEK,
        0.4,
        ("{place}路口流动摊贩占道", "{place}校门口摊点占用人行道"),
    ),
    "SD-03": Profile(9, Setting.STREET, 0.2, hot=0.25, words=("{place}门店货物摆出店外",)),
    "SD-04": Profile(12, Setting.STREET, 0.2, rhythm.AROUND_THE_CLOCK, hot=0.2, words=("{place}人行道停满车辆",)),
    "SD-05": Profile(6, Setting.ANYWHERE, 1.4, words=("{place}路面坑洼积水",)),
    "SD-06": Profile(5, Setting.STREET, 0.5, words=("{place}雨水井盖松动异响", "{place}井盖缺失已放警示")),
    "SD-07": Profile(
        8, Setting.RIVER, 0.6, rhythm.DAYLIGHT, hot=0.15, words=("{place}河面漂浮水葫芦", "{place}河道有漂浮垃圾")
    ),
    "SD-08": Profile(2, Setting.RIVER, 1.9, rhythm.DAYLIGHT, words=("{place}河岸搭建棚架侵占河道",)),
    "SD-09": Profile(4, Setting.QUARTER, 0.6, rhythm.EVENINGS, rhythm.LEISURE_WEEK, words=("{place}大型犬未系绳",)),
    "SD-10": Profile(6, Setting.QUARTER, 0.4, rhythm.EVENINGS, words=("{place}消防通道被私家车堵住",)),
    "SD-11": Profile(
        7,
        Setting.QUARTER,
        0.3,
        rhythm.EVENINGS,
        rhythm.LEISURE_WEEK,
        0.2,
        ("{place}广场舞音量过大", "{place}歌厅深夜噪声"),
    ),
    "SD-12": Profile(
        4, Setting.WORKSHOP, 2.3, hot=0.15, words=("{place}工地班组反映工资未结", "{place}厂内工人反映欠薪")
    ),
    "SD-13": Profile(7, Setting.QUARTER, 0.4, rhythm.EVENINGS, words=("{place}楼道内电动车飞线充电",)),
    "SD-14": Profile(3, Setting.OUTSIDE, 0.2, rhythm.DAYLIGHT, words=("{place}田间焚烧秸秆冒烟",)),
    "SD-15": Profile(2, Setting.OUTSIDE, 1.8, rhythm.DAYLIGHT, words=("{place}养鸭棚粪水直排沟渠",)),
    "SD-16": Profile(3, Setting.OUTSIDE, 0.6, rhythm.DAYLIGHT, words=("{place}田埂遗留农药瓶",)),
    "SD-17": Profile(4, Setting.STREET, 0.8, rhythm.MEALTIMES, words=("{place}饭店后厨气瓶无报警器",)),
    "SD-18": Profile(4, Setting.WORKSHOP, 1.3, words=("{place}沿街作坊二楼住人",)),
    "SD-19": Profile(4, Setting.STREET, 0.6, rhythm.DAYLIGHT, rhythm.LEISURE_WEEK, words=("{place}菜场摊位短斤缺两",)),
    "SD-20": Profile(3, Setting.STREET, 2.0, words=("{place}健身房停业未退预付款",)),
    "SD-21": Profile(3, Setting.QUARTER, 0.4, rhythm.AROUND_THE_CLOCK, words=("{place}电梯频繁停运",)),
    "SD-22": Profile(1, Setting.QUARTER, 1.2, words=("{place}出租屋内无证诊疗",)),
    "SD-23": Profile(4, Setting.SITE, 0.5, rhythm.EVENINGS, hot=0.5, words=("{place}工地深夜仍在打桩",)),
    "SD-24": Profile(6, Setting.STREET, 0.3, words=("{place}墙面张贴小广告",)),
    "SD-25": Profile(3, Setting.ANYWHERE, 0.8, rhythm.AROUND_THE_CLOCK, words=("{place}通信线缆垂落路面",)),
    "SD-26": Profile(5, Setting.QUARTER, 0.8, rhythm.EVENINGS, words=("{place}两户因漏水争执",)),
    "SD-27": Profile(2, Setting.OUTSIDE, 0.7, rhythm.DAYLIGHT, words=("{place}公路边堆放石料",)),
    "SD-28": Profile(1, Setting.OUTSIDE, 1.8, rhythm.DAYLIGHT, words=("{place}山脚有落石裂缝",)),
    "SD-29": Profile(1, Setting.STREET, 0.2, rhythm.AROUND_THE_CLOCK, words=("{place}桥洞有流浪人员露宿",)),
}


def profile_of(matter: str, *, reported: bool = True) -> Profile:
    """Give a matter's profile; one that nobody described behaves ordinarily, and is rare if it is seldom reported."""
    return PROFILES.get(matter, ORDINARY if reported else RARE)
