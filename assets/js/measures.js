/**
 * What the map can be painted by, besides the levels. Pure: counts, rates and sizes in, values, classes and words out.
 *
 * Colours of small numbers are drawn towards the county's own rate (docs/wall.md): a share of k in n becomes
 * (k + PRIOR·p) / (n + PRIOR) with p the county's share; a median becomes the mean of itself and the county's, weighted by n
 * and PRIOR; a density of k on A km² becomes (k + PRIOR_AREA) / (A + PRIOR_AREA / d) with d the county's density.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});

  const PRIOR = 20;
  const PRIOR_AREA = 2;
  const SECONDS = 60;

  /** @returns {?number} a share between 0 and 1; null where the county has none either */
  const share = (k, n, county) => (county === null ? null : (k + PRIOR * county) / (n + PRIOR));
  const mean = (value, n, county) => (county === null ? null : (value * n + PRIOR * county) / (n + PRIOR));
  const density = (k, km2, county) => (county ? (k + PRIOR_AREA) / (km2 + PRIOR_AREA / county) : 0);

  /**
   * Limits of classes for counts: a round number that few areas pass, its half, fifth and tenth; of small counts each is told
   * from the next.
   * @param {number[]} values
   * @param {number} [least] below which nothing is told apart
   * @returns {number[]} ascending; a value belongs to the class of the last limit that it reaches
   */
  function ladder(values, least = 1) {
    const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
    const most = sorted[sorted.length - 1] || 0;
    if (least >= 1 && most < 10) return [1, 2, 3, 5].filter((limit) => limit <= Math.max(1, most));
    const high = sorted.length ? sorted[Math.floor((sorted.length - 1) * 0.95)] : least;
    const power = 10 ** Math.floor(Math.log10(Math.max(high, least)));
    const top = [5, 2, 1].map((n) => n * power).find((n) => n <= Math.max(high, least)) || power;
    const limits = [top / 10, top / 5, top / 2, top].filter((limit) => limit >= least && (least < 1 || Number.isInteger(limit)));
    return limits[0] > least ? [least, ...limits] : limits;
  }

  /** Limits in percent points below the county's share: what is near to it is one class and keeps quiet. */
  const below = (county) => [10, 5, 2].map((points) => Number((Math.round(100 * county - points) / 100).toFixed(2))).filter((limit) => limit > 0);
  /** Limits in parts above the county's median, at half minutes. */
  const above = (county) => [...new Set([0, 1.1, 1.25, 1.5].map((times) => Math.round((2 * times * county) / SECONDS) / 2))];

  const round = (value, digits = 3) => Number(value.toPrecision(digits));

  /** What an area is asked: counts [level, pending, amber, overdue], rates [due, on time, responses, median s], km². */
  const MEASURES = {
    pending: { ramp: "m", value: ({ counts }) => counts[1], limits: (values) => ladder(values), unit: true },
    overdue: { ramp: "l", value: ({ counts }) => counts[3], limits: (values) => ladder(values), unit: true },
    on_time: {
      ramp: "m", falling: true, rate: true,
      value: ({ rates }, county) => (rates[0] ? share(rates[1], rates[0], county.due ? county.on_time / county.due : null) : null),
      limits: (_, county) => (county.due ? below(county.on_time / county.due) : [0.6, 0.75, 0.9]),
      own: ({ rates }) => rates[1] / rates[0], n: ({ rates }) => rates[0],
      words: (value) => `${(100 * value).toFixed(0)}%`, limitWords: (limit) => `${Math.round(100 * limit)}`,
    },
    response: {
      ramp: "m", rate: true,
      value: ({ rates }, county) => (rates[2] ? mean(rates[3], rates[2], county.responses ? county.response_s : null) / SECONDS : null),
      limits: (_, county) => (county.responses ? above(county.response_s) : [0, 10, 20, 30]),
      own: ({ rates }) => rates[3] / SECONDS, n: ({ rates }) => rates[2],
      words: (value) => (value < 10 ? value.toFixed(1) : value.toFixed(0)), limitWords: String,
    },
    density: {
      ramp: "m",
      value: ({ counts, km2 }, county) => (counts[1] ? density(counts[1], km2, county.density) : 0),
      limits: (values) => ladder(values, 0.01),
      own: ({ counts, km2 }) => counts[1] / km2,
      words: (value) => String(round(value, value < 10 ? 2 : 3)), limitWords: (limit) => String(round(limit, 2)),
    },
  };

  /** The county as a whole: what every area is drawn towards. */
  function county(counts, rates, km2) {
    const [pending, overdue] = counts.reduce(([p, o], one) => [p + one[1], o + one[3]], [0, 0]);
    const [due, onTime, responses, response_s] = rates || [0, 0, 0, 0];
    return { pending, overdue, due, on_time: onTime, responses, response_s, density: km2 ? pending / km2 : 0, km2 };
  }

  /**
   * How areas look by one measure.
   * @param {string} name
   * @param {Array<{gid: number, counts: number[], rates: number[], km2: number}>} areas
   * @param {object} whole as `county` gives it
   * @returns {{looks: Map<number, string>, words: Map<number, string>, limits: number[], classes: number}}
   */
  function paint(name, areas, whole) {
    const measure = MEASURES[name];
    const values = areas.map((area) => measure.value(area, whole));
    const limits = measure.limits(values.filter((value) => value !== null), whole);
    const looks = new Map();
    const words = new Map();
    areas.forEach((area, k) => {
      const value = values[k];
      looks.set(area.gid, value === null || (!measure.rate && !value) ? "0" : `${measure.ramp}${classOf(measure, limits, value)}`);
      if (value === null || (!measure.rate && !value)) return;
      const own = measure.own ? measure.own(area) : value;
      words.set(area.gid, { figure: (measure.words || onemap.count)(own), n: measure.n ? measure.n(area) : null });
    });
    return { looks, words, limits };
  }

  /** 1 (faintest) to 5; the worst is the strongest, also where a small value is bad. */
  function classOf(measure, limits, value) {
    const reached = limits.filter((limit) => value >= limit).length;
    const last = measure.falling ? limits.length + 1 : limits.length;
    const place = measure.falling ? limits.length + 1 - reached : Math.max(1, reached);
    // Few classes use the strong end of the ramp, so that they can be told apart.
    return Math.round(5 - ((last - place) * 4) / Math.max(1, last - 1 || 1));
  }

  /** The classes in words, faintest first: [{look, words}]. */
  function classes(name, limits) {
    const measure = MEASURES[name];
    const say = measure.limitWords || onemap.count;
    const whole = limits.every(Number.isInteger) && !measure.rate && name !== "density";
    const spans = limits.map((limit, k) => {
      const next = limits[k + 1];
      if (next === undefined) return [limit, `≥ ${say(limit)}`];
      if (whole) return [limit, next - limit > 1 ? `${say(limit)}–${say(next - 1)}` : say(limit)];
      return [limit, limit ? `${say(limit)}–${say(next)}` : `< ${say(next)}`];
    });
    if (measure.falling) spans.unshift([-1, `< ${say(limits[0])}`]);
    const found = spans.map(([value, words]) => ({ look: `${measure.ramp}${classOf(measure, limits, value)}`, words }));
    return measure.falling ? found.reverse() : found;
  }

  onemap.measures = { names: Object.keys(MEASURES), of: MEASURES, paint, county, classes, ladder, share, mean, density };
})();
