// The keys of a row of tabs: arrows, Home and End choose another one and go there. Only the chosen tab is a stop of the Tab key.
export function tabKeys(event) {
  const tabs = [...event.currentTarget.querySelectorAll('[role="tab"]')], here = tabs.indexOf(event.target.closest('[role="tab"]')), last = tabs.length - 1;
  const to = { ArrowRight: here === last ? 0 : here + 1, ArrowLeft: here ? here - 1 : last, Home: 0, End: last }[event.key];
  if (here < 0 || to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  tabs[to].focus();
  tabs[to].click();
}
