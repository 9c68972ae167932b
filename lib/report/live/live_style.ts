/** What the live page adds to the style of the report. */

/** To be put behind the report's style. */
export const LIVE_STYLE = `
#state { margin-top: 6px; font-weight: 600; color: var(--ink); }
progress { width: 100%; height: 12px; accent-color: var(--accent); }
figure h3 { margin-top: 0; color: var(--ink); overflow-wrap: anywhere; }
.progress-text { margin: 6px 0 12px; font-size: .88rem; color: var(--soft); font-variant-numeric: tabular-nums; }
figure > pre { max-height: 16rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.made { display: flex; flex-wrap: wrap; gap: 8px; max-height: 24rem; overflow: hidden; } .made img { max-width: 100%; height: auto; }
.ended { margin: 0; padding-left: 2.2em; font-size: .86rem; } .ended li { margin-bottom: 4px; overflow-wrap: anywhere; }
`;
