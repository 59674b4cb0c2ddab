// A text in which the words of a search are marked.
const escape = (word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

export function Marked({ text, words }) {
  if (!words?.length) return text;
  const pattern = new RegExp(`(${words.map(escape).join("|")})`, "gi");
  return String(text).split(pattern).map((part, index) => (index % 2 ? <mark key={index}>{part}</mark> : part));
}
