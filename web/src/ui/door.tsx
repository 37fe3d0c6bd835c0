// Log-in and registration.
import { useEffect, useState } from 'preact/hooks';
import * as api from '../net/api';
import { Flower } from '../art/flower';
import { choose, language, languages, t } from '../i18n';
import { enter } from '../state';

function explain(error: unknown): string {
  if (!(error instanceof api.ApiError)) return t('failed', { why: String(error) });
  const known: Record<string, string> = { wrong_password: 'wrong_password', try_later: 'try_later', suspended: 'suspended', waiting: 'waiting', taken: 'taken', offline: 'offline_now' };
  return known[error.kind] ? t(known[error.kind]) : t('failed', { why: error.message });
}

export function Door() {
  const [registering, setRegistering] = useState(location.hash === '#register');
  return (
    <div class="door">
      <div class="door-box window">
        <h1 class="logo"><Flower status="online" size={44} /> uhoh</h1>
        <p class="tagline">{t('tagline')}</p>
        {registering ? <Registration back={() => setRegistering(false)} /> : <LogIn register={() => setRegistering(true)} />}
        <p class="languages">
          {Object.entries(languages).map(([code, name]) => (
            <button key={code} type="button" class="plain" lang={code} aria-pressed={language.value === code} onClick={() => void choose(code)}>{name}</button>
          ))}
        </p>
      </div>
    </div>
  );
}

function LogIn({ register }: { register: () => void }) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    try {
      await enter(await api.logIn(Number(String(form.get('number')).replace(/\D/g, '')), String(form.get('password'))));
    } catch (wrong) {
      setError(explain(wrong));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} aria-label={t('log_in')}>
      <label>{t('number')}<input name="number" inputMode="numeric" autocomplete="username" required autofocus /></label>
      <label>{t('password')}<input name="password" type="password" autocomplete="current-password" required maxLength={128} /></label>
      {error && <p class="error" role="alert">{error}</p>}
      <button class="button primary" disabled={busy}>{t('log_in')}</button>
      <p>{t('new_here')} <button type="button" class="plain" onClick={register}>{t('register')}</button></p>
    </form>
  );
}

function Registration({ back }: { back: () => void }) {
  const [terms, setTerms] = useState<api.Registration | null>(null);
  const [number, setNumber] = useState(0);
  const [error, setError] = useState('');
  const [done, setDone] = useState<(api.Me & { waits_for_approval?: boolean }) | null>(null);
  const load = () => void api.registration().then(setTerms, (wrong) => setError(explain(wrong)));
  useEffect(load, []);
  if (done)
    return (
      <div>
        <p class="number-given" role="status">{t(done.waits_for_approval ? 'waits_for_approval' : 'your_number', { number: done.uin })}</p>
        <button class="button primary" onClick={() => (done.waits_for_approval ? back() : void enter(done))} autofocus>{t('log_in')}</button>
      </div>
    );
  if (terms?.mode === 'closed')
    return <div><p>{t('registration_closed')}</p><button class="button" onClick={back}>{t('back')}</button></div>;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    if (form.get('password') !== form.get('again')) return setError(t('passwords_differ'));
    try {
      const made = await api.register({
        ...(number ? { uin: number } : {}), password: String(form.get('password')), nick: String(form.get('nick')),
        ...(terms?.mode === 'invite' ? { invitation: String(form.get('invitation')) } : {}),
        charset: ({ ru: 'cp1251', zh: 'gb18030' } as Record<string, string>)[language.value] ?? 'cp1252',
      });
      setDone(made);
    } catch (wrong) {
      setError(explain(wrong));
      if (wrong instanceof api.ApiError && wrong.kind === 'taken') load();
    }
  };
  return (
    <form onSubmit={submit} aria-label={t('register')}>
      <fieldset class="numbers">
        <legend>{t('choose_number')}</legend>
        {[0, ...(terms?.numbers ?? [])].map((n) => (
          <label key={n} class="number-choice"><input type="radio" name="choice" checked={number === n} onChange={() => setNumber(n)} /><span>{n || t('any_number')}</span></label>
        ))}
        <button type="button" class="plain" onClick={load}>{t('other_numbers')}</button>
      </fieldset>
      <label>{t('nick')}<input name="nick" autocomplete="nickname" maxLength={40} required /></label>
      <label>{t('password')}<input name="password" type="password" autocomplete="new-password" minLength={6} maxLength={128} required /></label>
      <label>{t('password_again')}<input name="again" type="password" autocomplete="new-password" required /></label>
      {terms?.mode === 'invite' && <label>{t('invitation')}<input name="invitation" required /></label>}
      {error && <p class="error" role="alert">{error}</p>}
      <button class="button primary">{t('register')}</button>
      <p><button type="button" class="plain" onClick={back}>{t('have_number')}</button></p>
    </form>
  );
}
