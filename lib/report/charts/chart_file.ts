/** A line chart as an SVG file of its own, on white, with its legend below. */

import { Html, html } from "../page/html.ts";
import { HEIGHT, WIDTH } from "./chart_frame.ts";
import { COLOURS, type LineChart, plot } from "./line_chart.ts";

/** The height of a line of the legend, and where its text begins. */
const LINE = 18;
const TEXT = 76;

/** The colours of lines by their classes, as on the page in the light scheme. */
const LINE_COLOURS = ["#c2512f", "#2f6fb0", "#3c8a57", "#8a57b5", "#b08a1e", "#3d8f98"];

const FILE_STYLE =
  `text { font: 12px sans-serif; fill: #444; } .grid { stroke: #e3e1dc; } .axis { stroke: #666; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; } .dashed { stroke-dasharray: 5 4; }
${
    LINE_COLOURS.map((colour, i) => `.c${i} .line { stroke: ${colour}; } .c${i} circle { fill: ${colour}; }`)
      .join("\n")
  }`;

/** The text of the file; undefined if the chart has no finite values. */
export function chartFile(chart: LineChart): string | undefined {
  const drawn = plot(chart);
  if (!drawn) return undefined;
  const height = HEIGHT + LINE * chart.series.length + LINE / 2;
  return html`
    <svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}"
      viewBox="0 0 ${WIDTH} ${height}">
    <title>${chart.title}</title><style>${new Html(
      FILE_STYLE,
    )}</style><rect width="100%" height="100%" fill="#fff"/>
    ${drawn}
    ${chart.series.map(({ name, colour, dashed }, i) => {
      const y = HEIGHT + LINE * (i + 0.5);
      return html`
        <g class="c${colour % COLOURS}">
          <path class="line${dashed ? " dashed" : ""}" d="M${TEXT - 24} ${y}H${TEXT - 6}" />
          <text x="${TEXT}" y="${y + 4}">${name}</text>
        </g>
      `;
    })}
    </svg>
  `.text.trim();
}
