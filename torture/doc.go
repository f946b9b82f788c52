// Command torture keeps the gateway under load while it breaks everything around it, and then proves from the outside that
// nothing was lost, doubled or out of order.
//
// It plays the provider, its customers, the agents and their browsers, and writes down for itself what each of them did and was
// promised (ledger.go). Faults come from a seed (plan.go). The checker (check.go) reads the gateway as people do, over REST and the
// live socket, and compares. Nothing of it shares code with what it checks, except that the store server of the cluster's tests
// stands in for MongoDB, whose every call passes through here (tap.go).
package main
