import { useEffect, useState } from 'preact/hooks';
import { Flower } from '../art/flower';
import { t } from '../i18n';
import { addContact, ask, contacts, me, openConversation, profileOf, renameContact, say, statusOf } from '../state';
import { Panel } from './panel';

type Fields = Record<string, string>;

// In the order in which they are shown; `country` is a telephone prefix.
const order = ['nick', 'first_name', 'last_name', 'email', 'sex', 'age', 'country', 'country_name', 'province', 'city', 'address', 'postcode', 'phone', 'mobile', 'pager',
  'school', 'education_code', 'occupation', 'occupation_code', 'homepage', 'horoscope_code', 'zodiac_code', 'blood_type_code', 'hobbies', 'about',
  'portrait', 'country_code', 'province_code'];
const long = new Set(['about', 'hobbies']);
/** What OICQ and QQ keep as a number: how many words there are for 1, 2 and so on. */
const coded: Record<string, number> = { education_code: 8, occupation_code: 9, horoscope_code: 12, zodiac_code: 12, blood_type_code: 5 };
const numeric = new Set(['age', 'country', 'portrait', 'country_code', 'province_code']);
const wordsOf = (name: string) => t(`${name}s`).split('|');
const titleOf = (name: string) => t(name === 'country' ? 'country_prefix' : name);

function valueOf(name: string, value: string): string {
  if (name === 'sex') return t(value === '1' ? 'female' : 'male');
  if (name === 'country') return `+${value}`;
  return (name in coded && wordsOf(name)[Number(value) - 1]) || value;
}

/** Reads a profile; a server that keeps only the two old halves is asked for these. */
async function read(uin: number): Promise<Fields | null> {
  const [whole] = await ask({ op: 'profile', uin });
  if (whole?.op === 'profile') return whole.known ? (whole.fields as Fields) : null;
  const [basic] = await ask({ op: 'basic', uin });
  if (basic?.op !== 'basic') return null;
  const fields: Fields = {};
  for (const name of ['nick', 'first_name', 'last_name', 'email']) fields[name] = String(basic[name] ?? '');
  fields.authorization = String({ open: 0, required: 1, closed: 2 }[basic.authorization as string] ?? 0);
  const [extended] = await ask({ op: 'extended', uin });
  if (extended?.op === 'extended')
    for (const [to, from] of [['city', 'city'], ['province', 'state'], ['phone', 'phone'], ['homepage', 'homepage'], ['about', 'about'], ['country', 'country'], ['age', 'age'], ['sex', 'sex']])
      if (extended[from] !== undefined && extended[from] !== 0) fields[to] = String(extended[from]);
  return fields;
}

async function write(fields: Fields): Promise<boolean> {
  const [answer] = await ask({ op: 'update_profile', fields });
  if (answer?.op === 'profile_updated') return answer.ok === true;
  const words = ['open', 'required', 'closed'];
  const [basic] = await ask({ op: 'update_basic', nick: fields.nick ?? '', first_name: fields.first_name ?? '', last_name: fields.last_name ?? '', email: fields.email ?? '', authorization: words[Number(fields.authorization ?? 0)] });
  const number = (text?: string) => (text ? { value: Number(text) } : undefined);
  const [extended] = await ask({
    op: 'update_extended', city: fields.city ?? '', state: fields.province ?? '', phone: fields.phone ?? '', homepage: fields.homepage ?? '', about: fields.about ?? '',
    ...(number(fields.age) ? { age: Number(fields.age) } : {}), ...(number(fields.country) ? { country: Number(fields.country) } : {}), sex: Number(fields.sex ?? 0),
  });
  return basic?.ok === true && extended?.ok === true;
}

export function Profile() {
  const uin = profileOf.value, own = uin === me.value!.uin;
  const [fields, setFields] = useState<Fields | null>(null);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    setFields(null);
    void read(uin).then((f) => { setFields(f); setMissing(!f); });
  }, [uin]);
  return (
    <Panel title={fields?.nick || t('profile')} mark={<Flower status={own ? 'online' : statusOf(uin)} size={22} />} detail={<span class="own-number">{uin}</span>}>
      {missing && <p class="empty">{t('nobody_found')}</p>}
      {fields && (own ? <Edit fields={fields} /> : <Show fields={fields} uin={uin} />)}
    </Panel>
  );
}

function Show({ fields, uin }: { fields: Fields; uin: number }) {
  useEffect(() => {
    const contact = contacts.value.get(uin);
    if (contact && !contact.nick && fields.nick) void renameContact(uin, fields.nick);
  }, [fields]);
  const shown = order.filter((name) => fields[name] && fields[name] !== '0');
  const listed = contacts.value.get(uin)?.listed, closed = fields.authorization === '2';
  return (
    <>
      <dl class="profile">
        {shown.map((name) => [<dt key={`t${name}`}>{titleOf(name)}</dt>, <dd key={name}>{valueOf(name, fields[name])}</dd>])}
      </dl>
      {shown.length === 0 && <p class="empty">{t('not_entered')}</p>}
      <p class="actions">
        <button class="button" onClick={() => void openConversation(uin)}>{t('write')}</button>
        {!listed && !closed && fields.authorization !== '1' && <button class="button" onClick={() => void addContact(uin, fields.nick ?? '', 'open', '')}>{t('add')}</button>}
      </p>
    </>
  );
}

function Edit({ fields }: { fields: Fields }) {
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    const form = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Fields;
    const ok = await write(form);
    setBusy(false);
    say(ok ? t('saved') : t('failed', { why: '' }));
  };
  return (
    <form class="grid" onSubmit={submit} aria-label={t('profile')}>
      {order.map((name) => (
        <label key={name} class={long.has(name) ? 'wide' : ''}>
          {titleOf(name)}
          <Field name={name} value={fields[name] ?? ''} />
        </label>
      ))}
      <label>{t('authorization')}
        <select name="authorization" value={fields.authorization ?? '0'}><option value="0">{t('open')}</option><option value="1">{t('required')}</option><option value="2">{t('closed')}</option></select>
      </label>
      <p class="actions"><button class="button primary" disabled={busy}>{t('save')}</button></p>
    </form>
  );
}

function Field({ name, value }: { name: string; value: string }) {
  if (name === 'sex')
    return <select name={name} value={value || '0'}><option value="0">{t('not_entered')}</option><option value="1">{t('female')}</option><option value="2">{t('male')}</option></select>;
  if (name in coded) {
    const words = wordsOf(name), known = !value || Number(value) <= coded[name];
    return (
      <select name={name} value={value || '0'}>
        <option value="0">{t('not_entered')}</option>
        {words.map((word, i) => <option key={word} value={String(i + 1)}>{word}</option>)}
        {!known && <option value={value}>{value}</option>}
      </select>
    );
  }
  if (long.has(name)) return <textarea name={name} rows={3} maxLength={600}>{value}</textarea>;
  return <input name={name} value={value} maxLength={120} inputMode={numeric.has(name) ? 'numeric' : undefined} pattern={numeric.has(name) ? '[0-9]*' : undefined} />;
}
