// A choice that lives in this browser alone: kept in its storage, and an attribute of the document, which styles and scripts look at.
import { useEffect, useState } from "react";
import "./preference.css";

export function Preference({ name, label, hint, choices }) {
  const [chosen, setChosen] = useState("");
  useEffect(() => {
    const kept = document.documentElement.dataset[name];
    setChosen(choices.some(([value]) => value === kept) ? kept : choices[0][0]);
  }, [name]);
  const choose = (value) => {
    document.documentElement.dataset[name] = value;
    try { localStorage.setItem(`rat-${name}`, value); } catch { /* Storage is full or forbidden: then it holds until the page is left. */ }
    setChosen(value);
  };
  return (
    <fieldset className="preference" aria-describedby={`${name}-hint`}>
      <legend className="field-label">{label}</legend>
      {choices.map(([value, words]) => (
        <label key={value} className="preference-one"><input type="radio" name={name} checked={value === chosen} onChange={() => choose(value)} />{words}</label>
      ))}
      <p id={`${name}-hint`} className="field-hint">{hint}</p>
    </fieldset>
  );
}
