// Areas on top of each other: what is above zero grows upwards, what is below it downwards; a series without a value at a place adds nothing there.

// For each place along x, by series, where its area begins and ends; and the ends of all, for the axis.
export function stack(marks, keys, many) {
  const values = new Map(marks.filter(({ y }) => y !== null).map(({ s, at, y }) => [`${s} ${at}`, y]));
  const layers = Array.from({ length: many }, () => new Map()), ends = [0];
  for (const at of keys) {
    let up = 0, down = 0;
    for (let s = 0; s < many; s++) {
      const y = values.get(`${s} ${at}`) ?? 0, from = y < 0 ? down : up, to = from + y;
      if (y < 0) down = to; else up = to;
      layers[s].set(String(at), { from, to });
      ends.push(to);
    }
  }
  return { layers, ends };
}

// The outline of one series: its upper line, and back along the lower one.
export function outline(layer, places, toY) {
  const along = [...places].sort((a, b) => a.cx - b.cx), point = ({ cx }, value) => `${cx.toFixed(1)} ${toY(value).toFixed(1)}`;
  const top = along.map((place) => point(place, layer.get(place.key).to)), bottom = along.map((place) => point(place, layer.get(place.key).from)).reverse();
  return { line: `M${top.join("L")}`, area: `M${[...top, ...bottom].join("L")}Z` };
}
