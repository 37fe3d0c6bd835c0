// The mark of presence: a flower of five petals, our own, that shows by form as well as by colour.
import type { Status } from '../state';

const petal = 'M0 -3 C-5 -5 -6.4 -11 0 -14.6 C6.4 -11 5 -5 0 -3Z';
const turns = [0, 72, 144, 216, 288];

export function Flower({ status, size = 18, label }: { status: Status | 'invisible'; size?: number; label?: string }) {
  const closed = status === 'offline';
  return (
    <svg class={`flower is-${status}`} width={size} height={size} viewBox="-16 -16 32 32" role={label ? 'img' : undefined} aria-label={label} aria-hidden={label ? undefined : 'true'}>
      {closed ? (
        // A bud that waits.
        <g>
          <path class="stem" d="M0 15 C1 9 0 6 0 3" />
          <path class="petal" d="M0 4 C-8 1 -6 -10 0 -14 C6 -10 8 1 0 4Z" />
          <path class="fold" d="M0 3 C-3 -2 -2 -8 0 -12 C2 -8 3 -2 0 3Z" />
        </g>
      ) : (
        <g>
          {turns.map((turn, i) => (
            <path key={turn} class={i === 4 ? 'petal other' : 'petal'} d={petal}
              transform={status === 'not_available' && i % 2 ? `rotate(${turn}) scale(.72)` : `rotate(${turn})`} />
          ))}
          <circle class="heart" r="4.6" />
          {status === 'away' && <path class="sign" d="M0 -2.6 V0 L2.2 1.6" />}
          {status === 'occupied' && <path class="sign" d="M-2.2 -2.2 L2.2 2.2 M2.2 -2.2 L-2.2 2.2" />}
          {status === 'do_not_disturb' && <path class="sign" d="M-2.8 0 H2.8" />}
          {status === 'free_for_chat' && <path class="sign" d="M-2.2 .4 Q0 3 2.2 .4" />}
        </g>
      )}
    </svg>
  );
}

/** The mark of a room: a few flowers that stand together. */
export function Bouquet({ size = 18 }: { size?: number }) {
  return (
    <svg class="flower bouquet" width={size} height={size} viewBox="-16 -16 32 32" aria-hidden="true">
      <path class="stem" d="M-7 -2 Q-4 8 0 15 M7 -2 Q4 8 0 15 M0 2 V15" />
      {[[-7.6, -6, .58, 'a'], [7.6, -6, .58, 'b'], [0, -1, .68, 'c']].map(([x, y, scale, which]) => (
        <g key={which} class={`in-bouquet is-${which}`} transform={`translate(${x} ${y}) scale(${scale})`}>
          {turns.map((turn) => <path key={turn} class="petal" d={petal} transform={`rotate(${turn})`} />)}
          <circle class="heart" r="4.6" />
        </g>
      ))}
    </svg>
  );
}
