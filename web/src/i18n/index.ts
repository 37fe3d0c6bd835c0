// The words of the pages. Only the language in use is loaded.
import { signal } from '@preact/signals';

export type Words = Record<string, string>;
export const languages: Record<string, string> = { en: 'English', zh: '中文', ru: 'Русский' };
const loaders: Record<string, () => Promise<{ default: Words }>> = {
  en: () => import('./en'),
  zh: () => import('./zh'),
  ru: () => import('./ru'),
};

export const language = signal('en');
const words = signal<Words>({});

export async function useLanguage(code: string): Promise<void> {
  const loaded = await (loaders[code] ?? loaders.en)();
  words.value = loaded.default;
  language.value = code in loaders ? code : 'en';
  document.documentElement.lang = language.value;
}
export function choose(code: string): Promise<void> {
  localStorage.setItem('uhoh.language', code);
  return useLanguage(code);
}
export function preferred(): string {
  const saved = localStorage.getItem('uhoh.language');
  if (saved) return saved;
  return navigator.languages.map((l) => l.slice(0, 2)).find((l) => l in loaders) ?? 'en';
}

/** A text in the language in use; {name} is replaced. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  return (words.value[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
