import type { Terminal } from '@xterm/xterm'

/** What xterm keeps to itself, as of the version that package.json names; the tests notice when it has changed. */
interface Inside {
  _core: {
    coreService: { onUserInput(listener: () => void): void }
    _renderService: { _renderer: { value: { _rowFactory: { _addStyle(element: HTMLElement, style: string): void } } } }
  }
}

const inside = (terminal: Terminal) => (terminal as unknown as Inside)._core

/** Stands where xterm puts a <style>, which the content security policy refuses: its rules are a style sheet of the document. */
class AdoptedStyle extends HTMLElement {
  readonly #sheet = new CSSStyleSheet()

  override set textContent(css: string) {
    this.#sheet.replaceSync(css)
  }

  connectedCallback(): void {
    document.adoptedStyleSheets.push(this.#sheet)
  }

  disconnectedCallback(): void {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(sheet => sheet !== this.#sheet)
  }
}
customElements.define('adopted-style', AdoptedStyle)

/** Opens a terminal in an element without any inline style. */
export function openIn(terminal: Terminal, parent: HTMLElement): void {
  const createElement = document.createElement
  document.createElement = ((name: string, options?: ElementCreationOptions) =>
    createElement.call(document, name === 'style' ? 'adopted-style' : name, options)) as typeof createElement
  try {
    terminal.open(parent)
  } finally {
    // What was set above stood before the document's own.
    delete (document as Partial<Document>).createElement
  }
  inside(terminal)._renderService._renderer.value._rowFactory._addStyle = (element, style) => {
    element.style.cssText += `${style};`
  }
}

/** Hears what a terminal sends: what somebody typed or pasted, and what it answers by itself to what the bot asks it. */
export function onInput(terminal: Terminal, typed: (text: string) => void, answered: (text: string) => void): void {
  let byUser = false
  inside(terminal).coreService.onUserInput(() => {
    byUser = true
  })
  terminal.onData(text => {
    if (byUser) typed(text)
    else answered(text)
    byUser = false
  })
}
