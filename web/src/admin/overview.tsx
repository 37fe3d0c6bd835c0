// Live figures, read from the same text that Prometheus reads.
import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../net/api';
import { Problem, useApi } from './table';

type Figures = Map<string, number>;
interface Sample { at: number; figures: Figures }
interface ServerStatus { version: string; uptime_seconds?: number; sessions: number; shards: number; listeners: Record<string, string> }

/** "name{labels} value" lines; what has the same name is also summed under the name alone. */
function parse(text: string): Figures {
  const figures: Figures = new Map();
  for (const line of text.split('\n')) {
    if (!line || line[0] === '#') continue;
    const space = line.lastIndexOf(' ');
    const name = line.slice(0, space), value = Number(line.slice(space + 1));
    figures.set(name, value);
    const bare = name.split('{')[0];
    if (bare !== name) figures.set(bare, (figures.get(bare) ?? 0) + value);
  }
  return figures;
}

const interval = 2, kept = 150;

interface Curve { title: string; unit: string; of: (now: Sample, before: Sample) => number }
const rate = (names: string[]) => (now: Sample, before: Sample) =>
  names.reduce((sum, n) => sum + (now.figures.get(n) ?? 0) - (before.figures.get(n) ?? 0), 0) / Math.max(0.001, (now.at - before.at) / 1000);
const level = (name: string, scale = 1) => (now: Sample) => (now.figures.get(name) ?? 0) * scale;
/** A mean over the last interval, from a sum and a count. */
const mean = (sum: string, count: string, scale: number) => (now: Sample, before: Sample) => {
  const n = (now.figures.get(count) ?? 0) - (before.figures.get(count) ?? 0);
  return n > 0 ? ((now.figures.get(sum) ?? 0) - (before.figures.get(sum) ?? 0)) / n * scale : 0;
};
const curves: Curve[] = [
  { title: 'Online', unit: 'users', of: level('uhoh_session_sessions') },
  { title: 'Messages', unit: 'a second', of: rate(['uhoh_service_messages_live_total', 'uhoh_service_messages_kept_total']) },
  { title: 'Log-ins', unit: 'a second', of: rate(['uhoh_service_logins_total']) },
  { title: 'Acknowledgement', unit: 'ms, mean', of: mean('uhoh_session_acknowledgement_seconds_total', 'uhoh_session_acknowledgements_timed_total', 1000) },
  { title: 'Sent again', unit: 'packets a second', of: rate(['uhoh_session_packets_resent_total']) },
  { title: 'Dropped', unit: 'a second', of: rate(['uhoh_session_flood_refused_total', 'uhoh_session_packets_refused_total', 'uhoh_session_banned_dropped_total']) },
  { title: 'Waiting for the store', unit: 'requests', of: level('uhoh_storage_queued_requests') },
  { title: 'Memory', unit: 'MB', of: level('process_resident_memory_bytes', 1 / 1048576) },
  { title: 'Web connections', unit: 'now', of: level('uhoh_gateway_connections') },
];

export function Overview() {
  const status = useApi<ServerStatus>('/api/v1/status', 5);
  const [samples, setSamples] = useState<Sample[]>([]);
  const [error, setError] = useState('');
  useEffect(() => {
    const take = () => call<string>('GET', '/metrics').then((text) => {
      setError('');
      setSamples((old) => [...old.slice(-kept), { at: Date.now(), figures: parse(text) }]);
    }, (e: Error) => setError(e.message));
    void take();
    const timer = window.setInterval(take, interval * 1000);
    return () => clearInterval(timer);
  }, []);
  const last = samples.at(-1);
  const dialects = [...(last?.figures ?? [])].filter(([name]) => name.startsWith('uhoh_node_sessions_by_dialect{'));
  return (
    <>
      <Problem text={error || status.error} />
      <div class="plots">{curves.map((c) => <Plot key={c.title} curve={c} samples={samples} />)}</div>
      {dialects.length > 0 && <section><h2>By dialect and version</h2><ul class="tiles">{dialects.map(([name, n]) => <li key={name}><b>{n}</b> {name.match(/dialect="([^"]*)"/)?.[1]} {name.match(/version="([1-9]\d*)"/)?.[1]}</li>)}</ul></section>}
      {status.value && <section><h2>Server</h2><p>uhohd {status.value.version}, {status.value.shards} shard{status.value.shards === 1 ? '' : 's'}; {Object.entries(status.value.listeners).map(([name, address]) => `${name} ${address}`).join(', ')}</p></section>}
    </>
  );
}

function Plot({ curve, samples }: { curve: Curve; samples: Sample[] }) {
  const box = useRef<SVGSVGElement>(null);
  const values = samples.slice(1).map((s, i) => curve.of(s, samples[i]));
  const top = Math.max(1, ...values) * 1.1;
  const x = (i: number) => 100 - ((values.length - 1 - i) * 100) / kept;
  const y = (v: number) => 38 - (v / top) * 36;
  const path = values.map((v, i) => `${i ? 'L' : 'M'}${x(i).toFixed(2)} ${y(v).toFixed(2)}`).join('');
  const last = values.at(-1);
  const shown = last === undefined ? '–' : last >= 100 || Number.isInteger(last) ? Math.round(last).toLocaleString() : last.toFixed(1);
  return (
    <figure class="plot">
      <figcaption>{curve.title} <b>{shown}</b> <small>{curve.unit}</small></figcaption>
      <svg ref={box} viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label={`${curve.title}: ${shown} ${curve.unit}`}>
        {values.length > 1 && <path class="area" d={`${path}L100 40L${x(0)} 40Z`} />}
        {values.length > 1 && <path class="line" d={path} />}
      </svg>
    </figure>
  );
}
