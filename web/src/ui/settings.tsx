import { useEffect, useState } from 'preact/hooks';
import * as api from '../net/api';
import { notifications, setNotifications, setSound, sound } from '../alerts';
import { choose, language, languages, t } from '../i18n';
import { ask, leave, me, say } from '../state';
import { Panel } from './panel';
import { setTheme, theme, type Theme } from '../theme';

const charsets = ['cp1252', 'latin1', 'cp1251', 'koi8-r', 'gb18030', 'gbk', 'big5', 'utf8'];

export function Settings() {
  const [charset, setCharset] = useState(me.value!.charset ?? '');
  useEffect(() => { void api.whoAmI().then((who) => setCharset(who.charset ?? ''), () => undefined); }, []);
  const changePassword = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    if (data.get('password') !== data.get('again')) return say(t('passwords_differ'));
    const [answer] = await ask({ op: 'password', password: String(data.get('password')) });
    say(!answer || answer.op === 'error' ? t('failed', { why: '' }) : t('saved'));
    form.reset();
  };
  const pickCharset = (chosen: string) => {
    setCharset(chosen);
    api.call('PATCH', '/api/v1/me', { charset: chosen }).then(() => say(t('saved')), (wrong: Error) => say(t('failed', { why: wrong.message })));
  };
  return (
    <Panel title={t('settings')} kind="settings">
      <label>{t('language')}<select value={language.value} onChange={(e) => void choose(e.currentTarget.value)}>{Object.entries(languages).map(([code, name]) => <option key={code} value={code} lang={code}>{name}</option>)}</select></label>
      <label>{t('theme')}<select value={theme.value} onChange={(e) => setTheme(e.currentTarget.value as Theme)}>{(['auto', 'light', 'dark'] as Theme[]).map((x) => <option key={x} value={x}>{t(`theme_${x}`)}</option>)}</select></label>
      <label class="check"><input type="checkbox" checked={sound.value} onChange={(e) => setSound(e.currentTarget.checked)} /> {t('sound')}</label>
      <label class="check"><input type="checkbox" checked={notifications.value} onChange={(e) => void setNotifications(e.currentTarget.checked)} /> {t('notifications')}</label>
      <label title={t('charset_hint')}>{t('charset')}<select value={charset} onChange={(e) => pickCharset(e.currentTarget.value)}><option value="" disabled>–</option>{charsets.map((c) => <option key={c} value={c}>{c}</option>)}</select></label>
      <form onSubmit={changePassword} aria-label={t('change_password')}>
        <label>{t('new_password')}<input name="password" type="password" autocomplete="new-password" minLength={6} maxLength={128} required /></label>
        <label>{t('password_again')}<input name="again" type="password" autocomplete="new-password" required /></label>
        <button class="button">{t('change_password')}</button>
      </form>
      <p class="actions">
        {me.value!.role !== 'user' && <a class="button" href="/admin">{t('console')}</a>}
        <button class="button" onClick={() => void leave()}>{t('log_out')}</button>
      </p>
    </Panel>
  );
}
