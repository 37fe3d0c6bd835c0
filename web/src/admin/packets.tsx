// The packets of one user or address as they come and go. The server looks only while somebody looks here.
import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../net/api';
import { Problem } from './table';

interface Packet { number: number; at: string; to_client: boolean; dialect: string; peer: string; uin: number; text: string }
const kept = 300;

export function Packets() {
  const [target, setTarget] = useState('');
  const [withText, setWithText] = useState(false);
  const [rows, setRows] = useState<Packet[]>([]);
  const [error, setError] = useState('');
  const last = useRef(0);
  useEffect(() => {
    if (!target) return;
    let gone = false;
    last.current = 0;
    setRows([]);
    const poll = async () => {
      while (!gone) {
        try {
          const of = /^\d+$/.test(target) ? `uin=${target}` : `address=${encodeURIComponent(target)}`;
          const answer = await call<{ packets: Packet[] }>('GET', `/api/v1/packets?${of}&after=${last.current}${withText ? '&text=1' : ''}`);
          if (gone) return;
          setError('');
          if (answer.packets.length) {
            last.current = answer.packets.at(-1)!.number;
            setRows((old) => [...old, ...answer.packets].slice(-kept));
          }
        } catch (problem) {
          setError((problem as Error).message);
        }
        await new Promise((resume) => setTimeout(resume, 1000));
      }
    };
    void poll();
    return () => { gone = true; };
  }, [target, withText]);
  return (
    <>
      <form class="inline" onSubmit={(e) => { e.preventDefault(); setTarget(String(new FormData(e.currentTarget).get('target')).trim()); }}>
        <label>Number or address<input name="target" required placeholder="10001 or 203.0.113.7" /></label>
        <button class="button primary">Watch</button>
        {target && <button type="button" class="button" onClick={() => setTarget('')}>Stop</button>}
        <label class="check"><input type="checkbox" checked={withText} onChange={(e) => { if (!e.currentTarget.checked || confirm('Show what people write? The audit log will say that you looked.')) setWithText(e.currentTarget.checked); else e.currentTarget.checked = false; }} /> Show text of messages</label>
      </form>
      <Problem text={error} />
      <div class="packets" role="log" aria-label="Packets" tabIndex={0}>
        {rows.length === 0 && <p class="empty">{target ? 'Nothing yet.' : 'Name whom to watch.'}</p>}
        {rows.map((p) => <pre key={p.number} class={p.to_client ? 'down' : 'up'}><b>{new Date(p.at).toLocaleTimeString()} {p.to_client ? '→' : '←'} {p.peer} {p.dialect}{p.uin ? ` ${p.uin}` : ''}</b>{'\n'}{p.text}</pre>)}
      </div>
    </>
  );
}
