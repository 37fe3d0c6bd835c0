// Groups of friends: the parts of one's own list.
import { t } from '../i18n';
import { addGroup, deleteGroup, groups, renameGroup, say, titleOfGroup } from '../state';
import { Panel } from './panel';

const told = (work: Promise<boolean>) => void work.then((ok) => say(ok ? t('saved') : t('failed', { why: '' })));

export function Groups() {
  const nameIn = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    return { form, name: String(new FormData(form).get('name')).trim() };
  };
  return (
    <Panel title={t('edit_groups')} kind="settings">
      {[...groups.value].sort(([a], [b]) => a - b).map(([number, name]) => (
        <form key={number} class="line" aria-label={name} onSubmit={(e) => { const wanted = nameIn(e).name; if (wanted) told(renameGroup(number, wanted)); }}>
          <input name="name" value={titleOfGroup(number, name)} maxLength={60} aria-label={t('group_name')} required />
          <button class="button">{t('rename')}</button>
          <button type="button" class="button" disabled={number <= 1} onClick={() => { if (confirm(t('sure'))) told(deleteGroup(number)); }}>{t('remove')}</button>
        </form>
      ))}
      <form class="line" aria-label={t('new_group')} onSubmit={(e) => { const { form, name } = nameIn(e); if (name) told(addGroup(name).then((ok) => { if (ok) form.reset(); return ok; })); }}>
        <input name="name" placeholder={t('new_group')} maxLength={60} aria-label={t('new_group')} required />
        <button class="button primary">{t('add')}</button>
      </form>
    </Panel>
  );
}
