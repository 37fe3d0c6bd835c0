import { useState } from 'preact/hooks';
import { Flower } from '../art/flower';
import { t } from '../i18n';
import { addContact, ask, contacts, me, openConversation, panel, profileOf, type Status } from '../state';

interface Found { uin: number; nick: string; first_name?: string; last_name?: string; email?: string; authorization?: string; status?: Status; city?: string; province?: string }

export function Find() {
  const [found, setFound] = useState<Found[] | null>(null);
  const [more, setMore] = useState(false);
  const [busy, setBusy] = useState(false);
  const show = (list: Found[], isMore: boolean) => {
    setFound(list);
    setMore(isMore);
    setBusy(false);
  };
  const search = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<string, string>;
    const number = Number((form.number ?? '').replace(/\D/g, ''));
    setBusy(true);
    const wanted = number ? { uin: number } : { nick: form.nick, first_name: form.first_name, last_name: form.last_name, email: form.email };
    const frames = await ask({ op: 'find', ...wanted }, (f) => f.op === 'found_end');
    // Single finds come without the number of the question; they are in order before its end.
    show(frames.filter((f) => f.op === 'found') as unknown as Found[], frames.some((f) => f.op === 'found_end' && f.more === true));
  };
  const browse = async () => {
    setBusy(true);
    const frames = await ask({ op: 'browse', start: 0, count: 50 }, (f) => f.op === 'users' && !f.continues);
    show(frames.flatMap((f) => (f.users as Found[] | undefined) ?? []), frames.some((f) => f.more === true));
  };
  return (
    <section class="window panel">
      <header class="title"><button class="button back" aria-label={t('back')} onClick={() => { panel.value = ''; }}>‹</button><h1>{t('find_people')}</h1><span class="spacer" /><button class="button shut" aria-label={t('close')} onClick={() => { panel.value = ''; }}>×</button></header>
      <div class="panel-body">
        <form class="grid" onSubmit={search} aria-label={t('search')}>
          <label>{t('number')}<input name="number" inputMode="numeric" autofocus /></label>
          <label>{t('nick')}<input name="nick" /></label>
          <label>{t('first_name')}<input name="first_name" /></label>
          <label>{t('last_name')}<input name="last_name" /></label>
          <label>{t('email')}<input name="email" inputMode="email" /></label>
          <p class="actions"><button class="button primary" disabled={busy}>{t('search')}</button> <button type="button" class="button" disabled={busy} onClick={() => void browse()}>{t('who_is_online')}</button></p>
        </form>
        <div aria-live="polite">
          {found && found.length === 0 && <p class="empty">{t('nobody_found')}</p>}
          {found && found.length > 0 && <ul class="found">{found.map((one) => <li key={one.uin}><Person one={one} /></li>)}</ul>}
          {more && <p>{t('more_found')}</p>}
        </div>
      </div>
    </section>
  );
}

function Person({ one }: { one: Found }) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const full = [one.first_name, one.last_name].filter(Boolean).join(' ');
  const place = [one.city, one.province].filter(Boolean).join(', ');
  const listed = contacts.value.get(one.uin)?.listed, own = one.uin === me.value!.uin;
  const add = () => {
    if (one.authorization === 'required' && !asking) return setAsking(true);
    setAsking(false);
    void addContact(one.uin, one.nick, one.authorization ?? 'open', reason);
  };
  return (
    <div class="person">
      <Flower status={one.status ?? 'offline'} size={22} label={one.status ? t(one.status) : undefined} />
      <div class="who">
        <b>{one.nick || one.uin}</b> <span class="uin">{one.uin}</span>
        {(full || one.email || place) && <span class="detail">{[full, one.email, place].filter(Boolean).join(' · ')}</span>}
        {one.authorization === 'required' && <span class="detail">{t('needs_permission')}</span>}
        {one.authorization === 'closed' && <span class="detail">{t('accepts_nobody')}</span>}
        {asking && <form onSubmit={(e) => { e.preventDefault(); add(); }}><input aria-label={t('ask_reason')} placeholder={t('ask_reason')} value={reason} maxLength={200} autofocus onInput={(e) => setReason(e.currentTarget.value)} /></form>}
      </div>
      {!own && !listed && one.authorization !== 'closed' && <button class="button" onClick={add}>{t('add')}</button>}
      {!own && <button class="button" onClick={() => void openConversation(one.uin)}>{t('write_to', { name: '' }).trim().replace(/[:：]$/, '')}</button>}
      <button class="button" onClick={() => { profileOf.value = one.uin; panel.value = 'profile'; }}>{t('profile')}</button>
    </div>
  );
}
