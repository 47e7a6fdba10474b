/**
 * A QR code as one SVG path, drawn by the template itself: no image to fetch, no style attribute, nothing
 * that the content security policy has to allow. The quiet zone of four modules is part of the picture and
 * stays white in dark mode, because cameras need it (ISO/IEC 18004 §6.3.8).
 */
import { html } from 'hono/html';
import QRCode from 'qrcode';
import type { Html } from '../layout.ts';

const quietModules = 4;

/** Draws the text as a QR code that is announced by its label. */
export const qrCode = (text: string, label: string): Html => {
  const { size, data } = QRCode.create(text, { errorCorrectionLevel: 'M' }).modules;
  const side = size + 2 * quietModules;
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path stroke="#000" d="${darkRuns(size, data)}"/></svg>`;
};

/** Each row of dark modules as strokes one module high: "m" skips the light ones, "h" draws a run. */
const darkRuns = (size: number, data: Uint8Array): string => {
  let path = '';
  for (let row = 0; row < size; row++) {
    let penColumn: number | undefined;
    for (let column = 0; column < size; column++) {
      if (data[row * size + column] !== 1) continue;
      const start = column;
      while (column + 1 < size && data[row * size + column + 1] === 1) column++;
      path +=
        penColumn === undefined
          ? `M${start + quietModules} ${row + quietModules}.5`
          : `m${start - penColumn} 0`;
      penColumn = column + 1;
      path += `h${penColumn - start}`;
    }
  }
  return path;
};
