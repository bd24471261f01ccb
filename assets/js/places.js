/**
 * Places: names and geometry of the region, fetched once from immutable addresses and kept for every map of the page.
 * Longitude first, in degrees, as GeoJSON has it; Leaflet's (lat, lon) appears only where Leaflet is called.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});

  const LONGEST_WAIT_MS = 8000;
  const waiting = (ms) => new Promise((done) => setTimeout(done, ms));

  /**
   * Fetches JSON and tries again for as long as it takes: a wall has nobody to press reload.
   * @param {string} url
   * @returns {Promise<object>}
   */
  onemap.fetchJson = async (url) => {
    for (let wait = 500; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        const answer = await fetch(url);
        if (answer.ok) return await answer.json();
        if (answer.status >= 400 && answer.status < 500) throw new RangeError(`${url} answered ${answer.status}`);
      } catch (error) {
        if (error instanceof RangeError) throw error;
      }
      await waiting(wait);
    }
  };

  /** The polygons of a feature, each a list of rings of [lon, lat]; none for lines and points. */
  onemap.polygonsOf = ({ geometry: { type, coordinates } }) => (type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? coordinates : []);

  const corners = new WeakMap();

  /** The corners of a feature as Leaflet wants them, made once: ground, lines and cells are drawn of the same ones. */
  onemap.latLngsOf = (feature) => {
    if (!corners.has(feature)) {
      const { type, coordinates } = feature.geometry;
      const depth = { LineString: 0, MultiLineString: 1, Polygon: 1, MultiPolygon: 2 }[type];
      corners.set(feature, window.L.GeoJSON.coordsToLatLngs(coordinates, depth));
    }
    return corners.get(feature);
  };

  /** A layer for a feature: an outline for a polygon, a line for lines. */
  onemap.drawn = (feature, style) => {
    const { Polygon, Polyline } = window.L;
    return new (feature.geometry.type.endsWith("Polygon") ? Polygon : Polyline)(onemap.latLngsOf(feature), style);
  };

  /** One area: its names, those that hold it, where its sign or name has most room, and how far it reaches. */
  class Area {
    constructor(feature, layer) {
      const { gid, code, name, name_en, parent, township, x, y, km2 } = feature.properties;
      Object.assign(this, { feature, layer, gid, code, name, name_en, parent, township, km2 });
      this.anchor = { lon: x, lat: y };
    }

    /** [west, south, east, north] */
    get box() {
      if (!this._box) {
        const points = onemap.polygonsOf(this.feature).flatMap((polygon) => polygon[0]);
        const [lons, lats] = [points.map((p) => p[0]), points.map((p) => p[1])];
        this._box = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
      }
      return this._box;
    }
  }

  /** All areas of one layer, by gid (the stream's word) and by code (everybody else's). */
  class Layer {
    constructor(name, collection) {
      this.name = name;
      this.areas = collection.features.map((feature) => new Area(feature, name));
      this.byGid = new Map(this.areas.map((area) => [area.gid, area]));
      this.byCode = new Map(this.areas.map((area) => [area.code, area]));
    }

    /** The same layer with the areas of one township alone. */
    within(township) {
      const own = Object.create(Layer.prototype);
      const areas = this.areas.filter((area) => area.code === township || area.township === township);
      return Object.assign(own, { name: this.name, areas, byGid: new Map(areas.map((area) => [area.gid, area])), byCode: new Map(areas.map((area) => [area.code, area])) });
    }

    get box() {
      const boxes = this.areas.map((area) => area.box);
      return [0, 1, 2, 3].map((k) => Math[k < 2 ? "min" : "max"](...boxes.map((box) => box[k])));
    }
  }

  let regionPromise = null;
  const layerPromises = new Map();

  const places = (onemap.places = { region: null, layers: {} });

  /** Names and addresses of the region; asked once. */
  places.load = () => {
    const { region, places: given } = onemap.config();
    // The wall's document says where the geometry is; names of matters are wanted for tickers only, and come later.
    if (given && !regionPromise) {
      regionPromise = Promise.resolve(take(given));
      onemap.fetchJson(region).then((whole) => Object.assign(given, { matterOf: mattersOf(whole) }));
    }
    regionPromise = regionPromise || onemap.fetchJson(region).then(take);
    return regionPromise;
  };

  const mattersOf = (region) => new Map((region.matters || []).map((matter) => [matter.code, matter]));

  function take(region) {
    Object.assign(region, { name: region.names.zh || region.name, name_en: region.names.en, matterOf: mattersOf(region) });
    places.region = region;
    return region;
  }

  /**
   * One layer of the region, or null where the region has none of this name.
   * @param {string} name township, village, grid, or whatever else the region calls its layers
   */
  places.layer = (name) => {
    if (!layerPromises.has(name)) {
      layerPromises.set(
        name,
        places.load().then(async (region) => {
          const address = region.layers[name];
          if (!address) return null;
          places.layers[name] = new Layer(name, await onemap.fetchJson(address.url));
          return places.layers[name];
        }),
      );
    }
    return layerPromises.get(name);
  };

  const versions = new Map();

  /**
   * The layers of the map of another day.
   * @param {{finest: string, layers: Object<string, string>}} version as `/api/v1/history/moment` names it
   * @returns {Promise<{townships: Layer, cells: Layer, villages: ?Layer}>}
   */
  places.version = ({ finest, layers }) => {
    const key = JSON.stringify(layers);
    const read = (name) => (layers[name] ? onemap.fetchJson(layers[name]).then((collection) => new Layer(name, collection)) : null);
    if (!versions.has(key)) {
      versions.set(
        key,
        Promise.all([read("township"), finest === "township" ? null : read(finest), finest === "village" ? null : read("village")]).then(
          ([townships, cells, villages]) => ({ townships, cells: cells || townships, villages: finest === "village" ? cells : villages }),
        ),
      );
    }
    return versions.get(key);
  };

  /** What lies around the region (neighbours, water, shore), for drawing only; an empty collection where nobody gave it. */
  places.context = async () => {
    const region = await places.load();
    if (!region.context) return { type: "FeatureCollection", features: [] };
    return onemap.fetchJson(region.context).catch(() => ({ type: "FeatureCollection", features: [] }));
  };

  /** The area with this code in whichever loaded layer has it. */
  places.area = (code) => {
    for (const layer of Object.values(places.layers)) {
      if (layer.byCode.has(code)) return layer.byCode.get(code);
    }
    return null;
  };

  /** The area and those that hold it, the widest first: [township, village, cell]. */
  places.chain = (code) => {
    const chain = [];
    for (let area = places.area(code); area && chain.length < 5; area = places.area(area.parent)) chain.unshift(area);
    return chain;
  };
})();
