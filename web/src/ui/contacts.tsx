import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { Bouquet, Flower } from '../art/flower';
import { t } from '../i18n';
import type { Contact } from '../net/store';
import { answerJoinRequest } from '../rooms';
import {
  answerRequest, awayText, contacts, groups, invisible, isHere, isRoom, me, myStatus, nameOf, open, openConversation, panel, profileOf, type Request,
  requests, setStatus, sortedContacts, statusOf, type Status, systemNumber, titleOfGroup,
} from '../state';

const choices: Status[] = ['online', 'free_for_chat', 'away', 'not_available', 'occupied', 'do_not_disturb'];
/** Whether the list is divided by groups of friends, or by who is here. */
const byGroup = signal(localStorage.getItem('uhoh.by_group') === 'on');

export function Contacts() {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown = sortedContacts.value.filter((c) => !wanted || nameOf(c.uin).toLowerCase().includes(wanted) || String(c.uin).startsWith(wanted));
  const listed = shown.filter((c) => c.listed && !isRoom(c.uin));
  const turn = () => {
    byGroup.value = !byGroup.value;
    localStorage.setItem('uhoh.by_group', byGroup.value ? 'on' : 'off');
  };
  return (
    <nav class="left window" aria-label={t('contacts')} onKeyDown={arrows}>
      <header class="title">
        <Flower status="online" size={20} /><b>uhoh</b>
        <span class="own-number" title={t('number')}>{me.value!.uin}</span>
      </header>
      {requests.value.length > 0 && <div class="requests">{requests.value.map((r) => <Asker key={`${r.room ?? 0}-${r.from}`} request={r} />)}</div>}
      <div class="filter-row">
        <input id="filter" type="search" placeholder={t('filter')} aria-label={t('filter')} value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
        <button class="button" aria-pressed={byGroup.value} title={t('by_group')} aria-label={t('by_group')} onClick={turn}>
          <svg width="18" height="18" viewBox="0 0 20 20" class="icon" aria-hidden="true"><path d="M3 4 h5 M6 8 h11 M6 11 h11 M3 15 h5" /></svg>
        </button>
      </div>
      <div class="list">
        <Section title={t('rooms')} rows={shown.filter((c) => c.listed && isRoom(c.uin))} always
          tool={<button class="plain" onClick={() => { panel.value = 'new_room'; }} title={t('new_room')} aria-label={t('new_room')}>+</button>} />
        {byGroup.value ? <ByGroup rows={listed} /> : <>
          <Section title={t('here')} rows={listed.filter((c) => isHere(c.uin))} />
          <Section title={t('away_group')} rows={listed.filter((c) => !isHere(c.uin))} />
        </>}
        <Section title={t('not_listed')} rows={shown.filter((c) => !c.listed)} />
        {contacts.value.size === 0 && <p class="empty">{t('nobody_yet')}</p>}
      </div>
      <Own />
    </nav>
  );
}

/** The own state, and where else to go. */
function Own() {
  return (
    <footer class="own">
      <div class="tools">
        <button class="button" onClick={() => { panel.value = 'find'; }}>{t('find_people')}</button>
        <button class="button" onClick={() => { profileOf.value = me.value!.uin; panel.value = 'profile'; }}>{t('profile')}</button>
        <button class="button" onClick={() => { panel.value = 'settings'; }}>{t('settings')}</button>
      </div>
      <label class="status-choice">
        <Flower status={invisible.value ? 'invisible' : myStatus.value} size={22} />
        <span class="hidden">{t('status')}</span>
        <select value={invisible.value ? 'invisible' : myStatus.value} onChange={(e) => {
          const chosen = e.currentTarget.value;
          if (chosen === 'invisible') setStatus(myStatus.value, true);
          else setStatus(chosen as Status, false);
        }}>
          {[...choices, 'invisible'].map((s) => <option key={s} value={s}>{t(s)}</option>)}
        </select>
      </label>
      {myStatus.value !== 'online' && myStatus.value !== 'free_for_chat' && (
        <input class="away-text" placeholder={t('away_message')} aria-label={t('away_message')} title={t('away_hint')} value={awayText.value} maxLength={300}
          onChange={(e) => setStatus(myStatus.value, invisible.value, e.currentTarget.value)} />
      )}
    </footer>
  );
}

function Asker({ request: r }: { request: Request }) {
  const answer = (grant: boolean) => void (r.room ? answerJoinRequest(r.room, r.from, grant) : answerRequest(r.from, grant));
  return (
    <div class="request" role="alert">
      <p><b>{r.nick ?? nameOf(r.from)}</b> ({r.from}) {r.room ? t('asks_to_join', { room: nameOf(r.room) }) : t('asks_to_add')} {r.text}</p>
      <button class="button" onClick={() => answer(true)}>{t('allow')}</button>
      <button class="button" onClick={() => answer(false)}>{t('deny')}</button>
    </div>
  );
}

function ByGroup({ rows }: { rows: Contact[] }) {
  const names = [...groups.value].sort(([a], [b]) => a - b);
  const loose = rows.filter((c) => c.group === undefined || !groups.value.has(c.group));
  return (
    <>
      {names.map(([number, name]) => {
        const members = rows.filter((c) => c.group === number);
        return <Section key={number} title={titleOfGroup(number, name)} rows={members} count={`${members.filter((c) => isHere(c.uin)).length}/${members.length}`} always />;
      })}
      <Section title={names.length ? t('no_group') : t('contacts')} rows={loose} />
      <p class="list-tool"><button class="plain" onClick={() => { panel.value = 'groups'; }}>{t('edit_groups')}</button></p>
    </>
  );
}

function Section({ title, rows, count, always = false, tool }: { title: string; rows: Contact[]; count?: string; always?: boolean; tool?: preact.ComponentChildren }) {
  if (!rows.length && !always) return null;
  return (
    <section>
      <h2>{title} <span class="count">{count ?? (rows.length || '')}</span>{tool}</h2>
      <ul>{rows.map((c) => <li key={c.uin}><Row contact={c} /></li>)}</ul>
    </section>
  );
}

function Row({ contact }: { contact: Contact }) {
  const status = statusOf(contact.uin), room = isRoom(contact.uin);
  return (
    <button class={`contact ${open.value === contact.uin ? 'is-open' : ''} ${contact.blocked ? 'is-blocked' : ''}`} aria-current={open.value === contact.uin ? 'true' : undefined}
      onClick={() => void openConversation(contact.uin).then(() => document.querySelector<HTMLElement>('.composer textarea')?.focus())}>
      {room ? <Bouquet size={20} /> : <Flower status={status} size={20} />}
      <span class="name">{nameOf(contact.uin)}</span>
      {!room && <span class="hidden">, {t(status)}</span>}
      {!room && contact.uin !== systemNumber && contact.nick && <span class="uin">{contact.uin}</span>}
      {contact.unread ? <span class="unread" aria-label={t('unread', { count: contact.unread })}>{contact.unread}</span> : null}
    </button>
  );
}

/** Up and down go through the list. */
function arrows(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (!step || (event.target as HTMLElement).tagName === 'SELECT') return;
  const rows = [...document.querySelectorAll<HTMLElement>('.contact')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[at < 0 ? 0 : at + step];
  if (next) { next.focus(); event.preventDefault(); }
}
