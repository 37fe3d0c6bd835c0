import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { panel } from '../state';

/** What is shown in the place of a conversation. */
export function Panel({ title, mark, detail, kind = '', children }: { title: string; mark?: ComponentChildren; detail?: ComponentChildren; kind?: string; children: ComponentChildren }) {
  const close = () => { panel.value = ''; };
  return (
    <section class="window panel">
      <header class="title">
        <button class="button back" aria-label={t('back')} onClick={close}>‹</button>
        {mark}<h1>{title}</h1>{detail}
        <span class="spacer" /><button class="button shut" aria-label={t('close')} onClick={close}>×</button>
      </header>
      <div class={`panel-body ${kind}`}>{children}</div>
    </section>
  );
}
