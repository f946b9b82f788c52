// Package classify says of a customer's first message what the customer wants (type), how they feel (sentiment) and in which language they
// write, in English, Hebrew and Arabic, offline.
//
// It is a linear model over hashed features: words and pairs of words, their stems, parts of words, classes of words of one meaning
// (concepts.txt, the same classes for all languages) and signs such as capitals, repeated letters and emoji. The weights are in model.gz,
// which the command in train makes from the messages in data/train. docs/routing.md has the figures.
//
// What always holds: Classify is a pure function of the model and the text, looks at no more than maxBytes of it, and never fails. Model
// and data belong together: a test compares Sources with what the model was made from.
package classify
