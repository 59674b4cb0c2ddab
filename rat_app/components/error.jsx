// A failing section shows what happened and can be tried again; the rest of the page lives on (P3-04). Where the frame itself fails, a page of its own takes over.
import { Component } from "react";
import { useCopy } from "./clipboard.js";

export function CopyButton({ text, label, name }) {
  const [words, copy] = useCopy(label);
  return <button type="button" className="button button-plain" aria-label={name} onClick={() => copy(text)}><span aria-live="polite">{words}</span></button>;
}

const Details = ({ text }) => <details className="fault-details"><summary>Details</summary><pre className="excerpt" tabIndex={0}>{text}</pre></details>;

const BrokenPart = ({ text, onAgain }) => (
  <div role="alert" className="failure">
    <strong>This part of the page could not be shown</strong>
    <p className="muted">That is a fault in RAT; nothing was lost. It has been written to the server&rsquo;s log.</p>
    <div className="row">
      <button type="button" className="button button-plain" onClick={onAgain}>Try again</button>
      <CopyButton text={text} label="Copy details" />
    </div>
    <Details text={text} />
  </div>
);

// Nothing of the portal can be relied on here: neither its links nor its state.
const BrokenPage = ({ text }) => (
  <main className="crash">
    <title>The page broke · RAT</title>
    <p className="wordmark" aria-hidden="true">RAT</p>
    <h1>The page broke</h1>
    <p>That is a fault in RAT, not in your data: runs go on, what was saved is safe, and text that you typed is still there when the page is loaded again. The fault has been written to the server&rsquo;s log.</p>
    <div className="row">
      <button type="button" className="button button-primary" autoFocus onClick={() => window.location.reload()}>Load the page again</button>
      <a className="button button-plain" href="/">Go home</a>
      <CopyButton text={text} label="Copy details" />
    </div>
    <p className="muted">If it breaks again, go home and report it with the details.</p>
    <Details text={text} />
  </main>
);

export class Boundary extends Component {
  state = { error: null };

  static getDerivedStateFromError(error) { return { error }; }

  componentDidCatch(error, info) { this.props.onError?.(`${error}\n${error?.stack ?? ""}\n${info.componentStack}`.slice(0, 4000)); }

  render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const text = `${window.location.pathname}\n${error?.stack ?? error}`;
    return this.props.whole ? <BrokenPage text={text} /> : <BrokenPart text={text} onAgain={() => this.setState({ error: null })} />;
  }
}
