import { signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';
export const theme = signal<Theme>((localStorage.getItem('uhoh.theme') as Theme) ?? 'auto');

export function applyTheme(): void {
  if (theme.value === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}
export function setTheme(next: Theme): void {
  theme.value = next;
  localStorage.setItem('uhoh.theme', next);
  applyTheme();
}
