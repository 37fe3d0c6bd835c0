// Emoticons, drawn here; what is written stays what it is.
import type { ComponentChildren } from 'preact';

interface Face { code: string; name: string; mouth: ComponentChildren; eyes?: ComponentChildren }
const dots = <g class="ink"><circle cx="-3.4" cy="-2" r="1.2" /><circle cx="3.4" cy="-2" r="1.2" /></g>;
export const faces: Face[] = [
  { code: ':)', name: 'smile', mouth: <path d="M-4 2 Q0 6 4 2" /> },
  { code: ';)', name: 'wink', eyes: <g><circle class="ink" cx="-3.4" cy="-2" r="1.2" /><path d="M2 -2 H5" /></g>, mouth: <path d="M-4 2 Q0 6 4 2" /> },
  { code: ':D', name: 'laugh', mouth: <path class="ink" d="M-4.4 1.4 H4.4 Q3.4 6.4 0 6.4 Q-3.4 6.4 -4.4 1.4Z" /> },
  { code: ':(', name: 'sad', mouth: <path d="M-4 5 Q0 1 4 5" /> },
  { code: ':P', name: 'tongue', mouth: <g><path d="M-4 2 Q0 5 4 2" /><path class="tongue" d="M0 3.6 H3.2 V5.4 A1.6 1.6 0 0 1 0 5.4Z" /></g> },
  { code: ':O', name: 'surprise', mouth: <ellipse class="ink" cy="3.6" rx="1.8" ry="2.4" /> },
  { code: ':|', name: 'straight', mouth: <path d="M-3.6 3 H3.6" /> },
  { code: '8)', name: 'cool', eyes: <path class="ink" d="M-7 -3.6 H7 V-1.6 A2.6 2.6 0 0 1 1.4 -1.6 H-1.4 A2.6 2.6 0 0 1 -7 -1.6Z" />, mouth: <path d="M-4 2.6 Q0 5.6 4 2.6" /> },
];
const other: Record<string, string> = { ':-)': ':)', ';-)': ';)', ':-D': ':D', ':-(': ':(', ':-P': ':P', ':p': ':P', ':-p': ':P', ':o': ':O', ':-O': ':O', ':-|': ':|', '8-)': '8)', 'B)': '8)' };

export function FaceMark({ code, size = 18 }: { code: string; size?: number }) {
  const face = faces.find((f) => f.code === (other[code] ?? code))!;
  return (
    <svg class="face" width={size} height={size} viewBox="-10 -10 20 20" role="img" aria-label={face.name}>
      <circle class="skin" r="9" />
      {face.eyes ?? dots}
      {face.mouth}
    </svg>
  );
}

const pattern = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'])|(?<![\w])([:;8B]-?[)(DPpOo|])(?![\w])/g;

/** A text with its addresses and faces; everything else stays text. */
export function rich(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const face = match[2] && (match[2] in other || faces.some((f) => f.code === match[2]));
    if (!match[1] && !face) continue;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(match[1] ? <a href={match[1]} target="_blank" rel="noopener noreferrer nofollow">{match[1]}</a> : <FaceMark code={match[2]} />);
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/** Addresses from elsewhere are followed only when they are web addresses. */
export function safeUrl(url: string): string | undefined {
  try {
    const parsed = new URL(/^[a-z][a-z0-9+.-]*:/i.test(url) ? url : `http://${url}`);
    return ['http:', 'https:', 'ftp:'].includes(parsed.protocol) ? parsed.href : undefined;
  } catch {
    return undefined;
  }
}
