// A client of QQ shows a picture with the address of this page. Who is logged in sees who asks, and lets it in.
import { useEffect, useState } from 'preact/hooks';
import * as api from '../net/api';
import { Flower } from '../art/flower';
import { language, t } from '../i18n';

interface Asker { address: string; same_address: boolean; client: string; until: string }

const readable = (code: string): string => code.toUpperCase().replace(/[^A-Z0-9]/g, '');
const pathOf = (code: string): string => `/api/v1/me/qr/${encodeURIComponent(code)}`;

function explain(error: unknown): string {
  if (!(error instanceof api.ApiError)) return t('failed', { why: String(error) });
  const known: Record<string, string> = { not_found: 'qr_unknown', no_qq: 'qr_no_qq', try_later: 'try_later', offline: 'offline_now', wrong_password: 'wrong_password', suspended: 'suspended', waiting: 'waiting' };
  return known[error.kind] ? t(known[error.kind]) : t('failed', { why: error.message });
}

export function Confirmation() {
  const [me, setMe] = useState<api.Me | null | undefined>(undefined);
  useEffect(() => { void api.whoAmI().then((who) => setMe(who.uin ? who : null), () => setMe(null)); }, []);
  if (me === undefined) return null;
  return (
    <div class="door"><main class="door-box window">
      <h1 class="logo"><Flower status="online" size={40} /> uhoh</h1>
      <p class="tagline">{t('qr_title')}</p>
      {me ? <Ask key={me.uin} me={me} leave={() => void api.logOut().catch(() => undefined).then(() => setMe(null))} /> : <LogIn enter={setMe} />}
    </main></div>
  );
}

function LogIn({ enter }: { enter: (me: api.Me) => void }) {
  const [error, setError] = useState('');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    await api.logIn(Number(String(form.get('number')).replace(/\D/g, '')), String(form.get('password'))).then(enter, (wrong) => setError(explain(wrong)));
  };
  return (
    <form onSubmit={submit} aria-label={t('log_in')}>
      <label>{t('number')}<input name="number" inputMode="numeric" autocomplete="username" required autofocus /></label>
      <label>{t('password')}<input name="password" type="password" autocomplete="current-password" required maxLength={128} /></label>
      {error && <p class="error" role="alert">{error}</p>}
      <button class="button primary">{t('log_in')}</button>
    </form>
  );
}

function Ask({ me, leave }: { me: api.Me; leave: () => void }) {
  const named = readable(location.hash.slice(1));
  const [code, setCode] = useState(named);  // whose asker is shown
  const [asker, setAsker] = useState<Asker | null>(null);
  const [error, setError] = useState('');
  const [done, setDone] = useState(false);
  const look = (wanted: string) => api.call<Asker>('GET', pathOf(wanted)).then(
    (found) => { setCode(wanted); setAsker(found); setError(''); }, (wrong) => { setAsker(null); setError(explain(wrong)); });
  useEffect(() => { if (named) void look(named); }, []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = readable(String(new FormData(event.currentTarget as HTMLFormElement).get('code')));
    // Nothing is allowed that one has not seen.
    if (!asker) return void look(typed);
    if (typed !== code) return setError(t('qr_other_code'));
    void api.call('POST', `${pathOf(code)}/confirmation`).then(() => setDone(true), (wrong) => { setAsker(null); setError(explain(wrong)); });
  };
  if (done) return <p class="number-given" role="status">{t('qr_done', { number: me.uin })}</p>;
  return (
    <form onSubmit={submit} aria-label={t('qr_title')} autocomplete="off">
      {asker && (
        <section class="asker" role="status">
          <p>{t('qr_asks', { number: me.uin })}</p>
          <dl class="profile">
            <dt>{t('qr_client')}</dt><dd>{asker.client}</dd>
            <dt>{t('url')}</dt><dd>{asker.address}</dd>
            <dt>{t('qr_until')}</dt><dd>{new Date(asker.until).toLocaleTimeString(language.value)}</dd>
            {named && <><dt>{t('qr_code')}</dt><dd><code>{code}</code></dd></>}
          </dl>
          <p class={asker.same_address ? 'hint' : 'error'}>{t(asker.same_address ? 'qr_same_address' : 'qr_other_address')}</p>
        </section>
      )}
      <label>{t('qr_type_code')}<input name="code" class="code" maxLength={12} required autofocus autocapitalize="characters" spellcheck={false} /></label>
      {error && <p class="error" role="alert">{error}</p>}
      <p class="hint">{t('qr_warning')}</p>
      <p class="actions"><button class="button primary">{t(asker ? 'qr_confirm' : 'qr_look')}</button> <button type="button" class="button" onClick={leave}>{t('log_out')} ({me.uin})</button></p>
    </form>
  );
}
