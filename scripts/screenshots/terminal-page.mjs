// A terminal's screen, as `tmux capture-pane -e` tells it, as a page.
const COLOURS = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 36: '#79c0ff' };

export function terminalPage(screen) {
  const text = screen.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  let state = { bold: false, dim: false, colour: '' };
  const body = text.replace(/(?:\x1b\([A-B]|\x0f)|\x1b\[([\d;]*)m|([^\x1b\x0f]+)/g, (_, codes, words) => {
    if (words) return `<span style="${styleOf(state)}">${words}</span>`;
    for (const code of codes === undefined ? [] : codes.split(';')) state = after(state, code);
    return '';
  });
  return `<meta charset="utf-8"><body style="margin:0;background:#0d1117;color:#e6edf3"><pre style="display:inline-block;
    margin:0;padding:18px 22px;font:14px/1.35 'DejaVu Sans Mono',monospace">${body}</pre>`;
}

function after(state, code) {
  if (code === '' || code === '0') return { bold: false, dim: false, colour: '' };
  if (code === '1') return { ...state, bold: true };
  if (code === '2') return { ...state, dim: true };
  if (code === '22') return { ...state, bold: false, dim: false };
  if (code === '39') return { ...state, colour: '' };
  return COLOURS[code] ? { ...state, colour: COLOURS[code] } : state;
}

const styleOf = ({ bold, dim, colour }) =>
  [bold && 'font-weight:bold', dim && 'opacity:.6', colour && `color:${colour}`].filter(Boolean).join(';');
