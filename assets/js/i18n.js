/**
 * Language: `?lang=` wins and is remembered in a cookie, which the server reads when it draws the layout.
 * This runs before Dash asks for the layout, so the first answer is already in the right language.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const COOKIE = "onemap_lang";
  const LANGUAGES = ["zh-CN", "en"];
  const YEAR_S = 31536000;

  const asked = new URLSearchParams(location.search).get("lang");
  const remembered = (document.cookie.match(new RegExp(`(?:^|; )${COOKIE}=([^;]*)`)) || [])[1];
  const language = [asked, remembered].find((name) => LANGUAGES.includes(name)) || document.documentElement.lang || LANGUAGES[0];
  // The server's answers to callbacks know the language by the cookie alone.
  if (language !== remembered) remember(language);
  document.documentElement.lang = language;

  function remember(name) {
    document.cookie = `${COOKIE}=${name}; path=/; max-age=${YEAR_S}; samesite=lax`;
  }

  /**
   * The word for a key in the page's language, with `{name}` filled in; the key itself when nobody wrote the word.
   * @param {string} key
   * @param {object} [values]
   */
  onemap.t = (key, values = {}) => {
    const words = (onemap.config() || {}).words || {};
    return (words[key] || key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  };

  /**
   * A name in the page's language: English where there is one, Chinese otherwise.
   * @param {{name: string, name_en?: ?string}} thing
   */
  onemap.named = (thing) => (thing ? (document.documentElement.lang === "en" && thing.name_en) || thing.name || "" : "");

  /** Switches the language by link: the address then says it, and Back works. */
  onemap.mount("language", (element) => {
    const other = LANGUAGES.find((name) => name !== document.documentElement.lang);
    const click = () => {
      const address = new URL(location.href);
      address.searchParams.set("lang", other);
      remember(other);
      location.assign(address);
    };
    element.addEventListener("click", click);
    return () => element.removeEventListener("click", click);
  });
})();
