// Package pdf sets documents in English, Hebrew, Arabic and mixtures of them on A4 pages: transcripts, offers, invoices, statements.
//
// What must always be true:
//   - The same document gives the same bytes.
//   - Text is shaped, ordered by UAX 9 and broken by UAX 14, and what is copied from a page is what was put in, in the order in which it
//     was written. What no font has is shown as a box and copied as itself.
//   - Numbers with signs, telephone numbers, codes and addresses keep their order in text that runs from right to left.
//   - Nothing that strangers write makes it panic, turns the direction of its surroundings, or costs more than MaxText and MaxPages allow.
package pdf
