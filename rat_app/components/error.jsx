// A failing section shows what happened and can be tried again; the rest of the page lives on (P3-04).
import { Component, useState } from "react";

export function CopyButton({ text, label }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 2000);
  };
  return <button type="button" className="button button-plain" onClick={copy}><span aria-live="polite">{done ? "Copied" : label}</span></button>;
}

export class Boundary extends Component {
  state = { error: null };

  static getDerivedStateFromError(error) { return { error }; }

  componentDidCatch(error, info) { this.props.onError?.(`${error}\n${error?.stack ?? ""}\n${info.componentStack}`.slice(0, 4000)); }

  render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div role="alert" className="failure">
        <strong>This part of the page could not be shown</strong>
        <p>{String(error)}</p>
        <p className="muted">That is a fault in RAT; nothing was lost. It has been written to the server&rsquo;s log.</p>
        <div className="row">
          <button type="button" className="button button-plain" onClick={() => this.setState({ error: null })}>Try again</button>
          <CopyButton text={`${error}\n${error?.stack ?? ""}`} label="Copy details" />
        </div>
      </div>
    );
  }
}
