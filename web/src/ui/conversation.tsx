import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { faces, FaceMark, rich, safeUrl } from '../art/faces';
import { Bouquet, Flower } from '../art/flower';
import { answerFile, cancelFile, offerFile, type Transfer, transfers } from '../files';
import { language, t } from '../i18n';
import type { StoredMessage } from '../net/store';
import { leaveRoom, loadRoom, roleIn, rooms, runs } from '../rooms';
import {
  block, contacts, forgetConversation, groups, historyOf, isRoom, me, messages, moveToGroup, nameOf, open, panel, profileOf, removeContact, renameContact, say, send, showEarlier,
  shownMessages, statusOf, systemNumber, titleOfGroup,
} from '../state';
import { NotIn, RoomSide } from './rooms';

/** Whether the members of a room are shown beside what they say. */
const sideShown = signal(window.innerWidth > 900);

export function Conversation({ uin }: { uin: number }) {
  const end = useRef<HTMLDivElement>(null);
  const shown = messages.value, newest = shown.at(-1)?.id;
  useLayoutEffect(() => { end.current?.scrollIntoView({ block: 'end' }); }, [newest, transfers.value.length]);
  const status = statusOf(uin), room = isRoom(uin), side = room && sideShown.value && Boolean(roleIn(uin));
  let day = '', before: StoredMessage | undefined;
  return (
    <section class={`talk window ${side ? 'has-side' : ''}`} aria-label={nameOf(uin)}>
      <header class="title">
        <button class="button back" onClick={() => { open.value = null; }} aria-label={t('back')}>‹</button>
        {room ? <Bouquet size={26} /> : <Flower status={status} size={24} label={t(status)} />}
        <h1>{nameOf(uin)}</h1>
        <span class="own-number">{uin}</span>
        <span class="spacer" />
        {room && roleIn(uin) && <SideButton room={uin} />}
        {room ? <RoomMenu room={uin} /> : <Menu uin={uin} />}
      </header>
      <div class="talk-body">
        <div class="talk-main">
          <div class="log" role="log" aria-live="polite" tabIndex={0} aria-label={nameOf(uin)}>
            {shown.length === 0 && historyOf.value === uin && <p class="empty">{t('no_messages')}</p>}
            {shown.length >= shownMessages.value && <p class="day"><button class="plain" onClick={() => void showEarlier()}>{t('earlier')}</button></p>}
            {shown.map((m) => {
              const today = dayOf(m.at), separator = today !== day;
              const goesOn = !separator && before?.from === m.from && before?.out === m.out && before?.kind !== 'notice';
              day = today;
              before = m;
              return [separator && <p class="day" key={`d${m.id}`}><span>{today}</span></p>,
                <Message key={m.id} message={m} name={m.out ? '' : room ? m.nick ?? '' : nameOf(uin)} named={room && !goesOn} />];
            })}
            {transfers.value.filter((x) => x.peer === uin).map((x, i) => <TransferCard key={i} transfer={x} />)}
            <div ref={end} />
          </div>
          {room && !roleIn(uin) ? <NotIn number={uin} /> : <Composer uin={uin} />}
        </div>
        {side && <RoomSide number={uin} />}
      </div>
    </section>
  );
}

function SideButton({ room }: { room: number }) {
  const seen = rooms.value.get(room);
  useEffect(() => { if (!seen) void loadRoom(room); }, [room]);
  return (
    <button class="button" aria-pressed={sideShown.value} aria-label={t('room_members')} title={t('room_members')} onClick={() => { sideShown.value = !sideShown.value; }}>
      <Flower status="online" size={16} /> {seen?.members.length ?? ''}
    </button>
  );
}

function dayOf(at: number): string {
  const date = new Date(at), now = new Date();
  const days = Math.round((new Date(now.toDateString()).getTime() - new Date(date.toDateString()).getTime()) / 86400000);
  return days === 0 ? t('today') : days === 1 ? t('yesterday') : date.toLocaleDateString(language.value, { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' });
}

function Message({ message: m, name, named = false }: { message: StoredMessage; name: string; named?: boolean }) {
  if (m.kind === 'notice') return <p class="room-said">{m.text}</p>;
  const address = m.url ? safeUrl(m.url) : undefined;
  const special = m.kind !== 'text' && m.kind !== 'url';
  return (
    <article class={`message ${m.out ? 'out' : 'in'} ${special ? 'special' : ''}`}>
      {name && named && m.from ? <button class="plain author" onClick={() => { profileOf.value = m.from!; panel.value = 'profile'; }}>{name}</button>
        : name && <span class="hidden">{name}: </span>}
      <div class="bubble">
        {m.kind === 'broadcast' && <strong class="kind">{t('broadcast')}</strong>}
        {m.text && <p>{rich(m.text)}</p>}
        {m.url && (address ? <p class="link"><a href={address} target="_blank" rel="noopener noreferrer nofollow">{m.url}</a></p> : <p class="link">{m.url}</p>)}
      </div>
      <footer>
        <time dateTime={new Date(m.at).toISOString()}>{new Date(m.at).toLocaleTimeString(language.value, { hour: '2-digit', minute: '2-digit' })}</time>
        {m.out && <span class={`state is-${m.state}`} title={t(stateWord(m))}><span aria-hidden="true">{m.state === 'sent' ? '✓' : m.state === 'refused' ? '✕' : '…'}</span><span class="hidden">{t(stateWord(m))}</span></span>}
      </footer>
    </article>
  );
}
const stateWord = (m: StoredMessage) => (m.state === 'sent' ? 'sent' : m.state === 'refused' ? 'refused' : 'waiting_mark');

const sizeOf = (bytes: number) => (bytes < 10240 ? `${bytes} B` : bytes < 10485760 ? `${Math.round(bytes / 1024)} kB` : `${Math.round(bytes / 1048576)} MB`);

function TransferCard({ transfer: x }: { transfer: Transfer }) {
  return (
    <div class="transfer">
      <p>{x.out ? `${x.name} (${sizeOf(x.bytes)})` : t('file_from', { name: nameOf(x.peer), file: x.name, size: sizeOf(x.bytes) })}</p>
      {x.state === 'running' && <progress max={x.bytes} value={x.done} aria-label={x.name} />}
      {x.state === 'offered' && x.out && <span>{t('file_waiting')}</span>}
      {x.state === 'offered' && !x.out && <><button class="button" onClick={() => answerFile(x.peer, true)}>{t('accept')}</button><button class="button" onClick={() => answerFile(x.peer, false)}>{t('decline')}</button></>}
      {(x.state === 'running' || (x.state === 'offered' && x.out)) && <button class="button" onClick={() => cancelFile(x)}>{t('cancel')}</button>}
      {x.url && <a class="button" href={x.url} download={x.name}>{t('download')}</a>}
      {x.state === 'finished' && !x.url && <span>{t('file_done')}</span>}
      {x.state === 'ended' && <span>{t('file_ended')}</span>}
    </div>
  );
}

function Menu({ uin }: { uin: number }) {
  const contact = contacts.value.get(uin);
  const menu = useRef<HTMLDetailsElement>(null);
  const act = (work: () => void) => () => { menu.current?.removeAttribute('open'); work(); };
  if (uin === systemNumber) return null;
  return (
    <details class="menu" ref={menu}>
      <summary class="button" aria-label={t('more')}>⋯</summary>
      <div class="menu-items window">
        <button onClick={act(() => { profileOf.value = uin; panel.value = 'profile'; })}>{t('profile')}</button>
        <button onClick={act(() => { const nick = prompt(t('nick'), nameOf(uin)); if (nick) void renameContact(uin, nick); })}>{t('rename')}</button>
        {contact?.listed && groups.value.size > 1 && (
          <label>{t('move_to_group')}<select value={String(contact.group ?? '')} onChange={(e) => { const group = Number(e.currentTarget.value); menu.current?.removeAttribute('open'); void moveToGroup(uin, group).then((ok) => say(t(ok ? 'saved' : 'not_a_friend'))); }}>
            <option value="" disabled>–</option>{[...groups.value].sort(([a], [b]) => a - b).map(([number, name]) => <option key={number} value={number}>{titleOfGroup(number, name)}</option>)}
          </select></label>
        )}
        <button onClick={act(() => void block(uin, !contact?.blocked))}>{t(contact?.blocked ? 'unblock' : 'block')}</button>
        <button onClick={act(() => { if (confirm(t('sure'))) void forgetConversation(uin); })}>{t('forget_history')}</button>
        <button onClick={act(() => { if (confirm(t('sure'))) void removeContact(uin); })}>{t('remove')}</button>
      </div>
    </details>
  );
}

function RoomMenu({ room }: { room: number }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const act = (work: () => void) => () => { menu.current?.removeAttribute('open'); work(); };
  const role = roleIn(room);
  return (
    <details class="menu" ref={menu}>
      <summary class="button" aria-label={t('more')}>⋯</summary>
      <div class="menu-items window">
        {runs(room) && <button onClick={act(() => { panel.value = 'room'; })}>{t('manage')}</button>}
        <button onClick={act(() => { if (confirm(t('sure'))) void forgetConversation(room); })}>{t('forget_history')}</button>
        {role && role !== 'owner' && <button onClick={act(() => { if (confirm(t('sure'))) void leaveRoom(room); })}>{t('leave')}</button>}
        {role === 'owner' && <button onClick={act(() => { if (confirm(t('sure_dismiss'))) void leaveRoom(room, true); })}>{t('dismiss')}</button>}
        {!role && <button onClick={act(() => { if (confirm(t('sure'))) void removeContact(room); })}>{t('remove')}</button>}
      </div>
    </details>
  );
}

/** What was begun and not sent, also over a reload. */
const draftName = (uin: number): string => `uhoh.draft.${me.value?.uin}.${uin}`;
const keepDraft = (uin: number, text: string): void => { if (text) localStorage.setItem(draftName(uin), text); else localStorage.removeItem(draftName(uin)); };

function Composer({ uin }: { uin: number }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [showFaces, setShowFaces] = useState(false);
  const [url, setUrl] = useState<string | null>(null);
  // Before anybody can have typed.
  useLayoutEffect(() => {
    field.current!.value = localStorage.getItem(draftName(uin)) ?? '';
    field.current!.focus();
  }, [uin]);
  const submit = (event?: Event) => {
    event?.preventDefault();
    const text = field.current!.value.trim();
    if (!text && !url) return;
    // What one message has room for.
    const room = isRoom(uin);
    let rest = room && url ? `${text} ${url}`.trim() : text, address = room ? undefined : url ?? undefined;
    do {
      let part = rest.slice(0, 1200);
      if (rest.length > 1200) part = part.slice(0, Math.max(part.lastIndexOf(' '), 800)).replace(/[\ud800-\udbff]$/, '');
      rest = rest.slice(part.length).trimStart();
      void send(uin, part, address);
      address = undefined;
    } while (rest);
    field.current!.value = '';
    keepDraft(uin, '');
    setUrl(null);
    field.current!.focus();
  };
  const insert = (code: string) => {
    const f = field.current!;
    f.setRangeText(`${f.value && !f.value.endsWith(' ') ? ' ' : ''}${code} `, f.selectionStart, f.selectionEnd, 'end');
    setShowFaces(false);
    f.focus();
  };
  return (
    <form class="composer" onSubmit={submit}>
      {showFaces && (
        <div class="faces window" role="group" aria-label={t('emoticons')}>
          {faces.map((f) => <button type="button" key={f.code} onClick={() => insert(f.code)} title={f.code}><FaceMark code={f.code} size={26} /></button>)}
        </div>
      )}
      {url !== null && <input class="url" type="text" inputMode="url" placeholder="http://" aria-label={t('url')} value={url} onInput={(e) => setUrl(e.currentTarget.value)} autofocus />}
      <div class="row">
        <button type="button" class="button" aria-label={t('emoticons')} aria-expanded={showFaces} title={t('emoticons')} onClick={() => setShowFaces(!showFaces)}><FaceMark code=":)" size={20} /></button>
        <button type="button" class="button" aria-label={t('send_url')} aria-expanded={url !== null} title={t('send_url')} onClick={() => setUrl(url === null ? '' : null)}>
          <svg width="20" height="20" viewBox="0 0 20 20" class="icon" aria-hidden="true"><path d="M8 12 L12 8 M9 6 l2-2 a3.5 3.5 0 0 1 5 5 l-2 2 M11 14 l-2 2 a3.5 3.5 0 0 1 -5 -5 l2 -2" /></svg>
        </button>
        {uin !== systemNumber && !isRoom(uin) && (
          <button type="button" class="button" aria-label={t('send_file')} title={t('send_file')} onClick={() => picker.current!.click()}>
            <svg width="20" height="20" viewBox="0 0 20 20" class="icon" aria-hidden="true"><path d="M5 2 h7 l4 4 v12 h-11z M12 2 v4 h4" /></svg>
          </button>
        )}
        <input ref={picker} type="file" hidden aria-label={t('send_file')} onChange={(e) => { const file = e.currentTarget.files?.[0]; if (file) offerFile(uin, file); e.currentTarget.value = ''; }} />
        <textarea ref={field} rows={2} maxLength={12000} aria-label={t('write_to', { name: nameOf(uin) })} placeholder={t('write_to', { name: nameOf(uin) })}
          onInput={(e) => keepDraft(uin, e.currentTarget.value)}
          onKeyDown={(e) => { if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) submit(e); }} />
        <button class="button primary">{t('send')}</button>
      </div>
    </form>
  );
}
