/** The languages the product speaks. */
export type Language = 'zh' | 'en'

/**
 * Which of our languages a reader prefers by an Accept-Language header. Chinese when the header is absent, asks
 * for neither, or likes both equally without naming one first.
 */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  let best: { language: Language; weight: number } | null = null
  for (const range of (acceptLanguage ?? '').slice(0, 1000).split(',')) {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';')
    const language = languageOf(tag.trim())
    const weight = weightOf(parameters)
    if (language && weight > (best?.weight ?? 0)) best = { language, weight }
  }
  return best?.language ?? 'zh'
}

function languageOf(tag: string): Language | null {
  const [primary] = tag.split('-')
  return primary === 'zh' || primary === 'en' ? primary : null
}

/** From 0, not acceptable, to 1. */
function weightOf(parameters: readonly string[]): number {
  const quality = parameters.map((each) => each.trim()).find((each) => each.startsWith('q='))
  const weight = quality === undefined ? 1 : Number(quality.slice(2))
  return weight >= 0 && weight <= 1 ? weight : 0
}
