import { useState } from 'preact/hooks';
import { Flower } from '../art/flower';
import { t } from '../i18n';
import type { Contact } from '../net/store';
import {
  answerRequest, awayText, contacts, invisible, isHere, me, myStatus, nameOf, open, openConversation, panel, profileOf, requests, setStatus,
  sortedContacts, statusOf, type Status, systemNumber,
} from '../state';

const choices: Status[] = ['online', 'free_for_chat', 'away', 'not_available', 'occupied', 'do_not_disturb'];

export function Contacts() {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown = sortedContacts.value.filter((c) => !wanted || nameOf(c.uin).toLowerCase().includes(wanted) || String(c.uin).startsWith(wanted));
  const here = shown.filter((c) => c.listed && isHere(c.uin)), gone = shown.filter((c) => c.listed && !isHere(c.uin)), others = shown.filter((c) => !c.listed);
  return (
    <nav class="left window" aria-label={t('contacts')} onKeyDown={arrows}>
      <header class="title">
        <Flower status="online" size={20} /><b>uhoh</b>
        <span class="own-number" title={t('number')}>{me.value!.uin}</span>
      </header>
      {requests.value.map((r) => (
        <div key={r.from} class="request" role="alert">
          <p><b>{nameOf(r.from)}</b> ({r.from}) {t('asks_to_add')} {r.text}</p>
          <button class="button" onClick={() => void answerRequest(r.from, true)}>{t('allow')}</button>
          <button class="button" onClick={() => void answerRequest(r.from, false)}>{t('deny')}</button>
        </div>
      ))}
      <input id="filter" class="filter" type="search" placeholder={t('filter')} aria-label={t('filter')} value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
      <div class="list">
        <Section title={t('here')} rows={here} />
        <Section title={t('away_group')} rows={gone} />
        <Section title={t('not_listed')} rows={others} />
        {contacts.value.size === 0 && <p class="empty">{t('nobody_yet')}</p>}
      </div>
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
    </nav>
  );
}

function Section({ title, rows }: { title: string; rows: Contact[] }) {
  if (!rows.length) return null;
  return (
    <section>
      <h2>{title} <span class="count">{rows.length}</span></h2>
      <ul>{rows.map((c) => <li key={c.uin}><Row contact={c} /></li>)}</ul>
    </section>
  );
}

function Row({ contact }: { contact: Contact }) {
  const status = statusOf(contact.uin);
  return (
    <button class={`contact ${open.value === contact.uin ? 'is-open' : ''} ${contact.blocked ? 'is-blocked' : ''}`} aria-current={open.value === contact.uin ? 'true' : undefined}
      onClick={() => void openConversation(contact.uin).then(() => document.querySelector<HTMLElement>('.composer textarea')?.focus())}>
      <Flower status={status} size={20} />
      <span class="name">{nameOf(contact.uin)}</span>
      <span class="hidden">, {t(status)}</span>
      {contact.uin !== systemNumber && contact.nick && <span class="uin">{contact.uin}</span>}
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
