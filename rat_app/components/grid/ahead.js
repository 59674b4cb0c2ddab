// The first rows of a query, asked for as soon as its id is known: the server answers once they are there, while the page still hears of its end.
export const PAGE = 500;
const SECONDS = 30;
let asked = {};

export const windowOf = (url, page) => `${url}?offset=${page * PAGE}&limit=${PAGE}`;

export function ahead(url) {
  if (asked.url === url) return;
  asked.leave?.abort();
  const leave = new AbortController();
  // 204: there are none, and the query itself says why.
  const answer = fetch(`${windowOf(url, 0)}&wait=${SECONDS}`, { signal: leave.signal }).then((found) => (found.status === 200 ? found : null), () => null);
  asked = { url, leave, answer };
}

// The answer to ``ahead``, once; null where nobody asked, or the rows did not come.
export async function taken(url) {
  const { answer } = asked.url === url ? asked : {};
  if (answer) asked = {};
  return answer ?? null;
}
