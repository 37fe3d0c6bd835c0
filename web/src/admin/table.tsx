import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, call } from '../net/api';

export function Table({ heads, rows, empty = 'Nothing here.' }: { heads: string[]; rows: ComponentChildren[][]; empty?: string }) {
  if (!rows.length) return <p class="empty">{empty}</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={heads.join(', ')}>
      <table>
        <thead><tr>{heads.map((h) => <th key={h} scope="col">{h}</th>)}</tr></thead>
        <tbody>{rows.map((row, i) => <tr key={i}>{row.map((cell, j) => <td key={j}>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

export interface Loaded<T> { value?: T; error: string; reload: () => void }
/** Asks the API, and again every `seconds`; 0: only once. */
export function useApi<T>(path: string | null, seconds = 0): Loaded<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState('');
  const [round, setRound] = useState(0);
  useEffect(() => {
    let gone = false;
    if (!path) return;
    const load = () => call<T>('GET', path).then((v) => { if (!gone) { setValue(v); setError(''); } }, (e: Error) => { if (!gone) setError(e.message); });
    void load();
    const timer = seconds ? window.setInterval(load, seconds * 1000) : 0;
    return () => { gone = true; clearInterval(timer); };
  }, [path, round, seconds]);
  return { value, error, reload: () => setRound(round + 1) };
}

export function Problem({ text }: { text: string }) { return text ? <p class="error" role="alert">{text}</p> : null; }

/** Does something, and says in a sentence what went wrong. */
export async function attempt(work: () => Promise<unknown>, say: (text: string) => void, well = 'Done.'): Promise<boolean> {
  try {
    await work();
    say(well);
    return true;
  } catch (error) {
    say(error instanceof ApiError ? error.message : String(error));
    return false;
  }
}

export const when = (text?: string) => (text ? new Date(text).toLocaleString() : '–');
