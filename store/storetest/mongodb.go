package storetest

import "strings"

// MongoDBVariable names, in the environment, the replica set that tests and rigs may use, each in databases of its own.
const MongoDBVariable = "WASL_TEST_MONGODB_URI"

// MongoDBAt returns the address of another database of the server that uri names, for the same user. A list of hosts is no URL.
func MongoDBAt(uri, database string) string {
	place, options, _ := strings.Cut(uri, "?")
	scheme, rest, _ := strings.Cut(place, "://")
	hosts, own, _ := strings.Cut(rest, "/")
	if strings.Contains(hosts, "@") && !strings.Contains(strings.ToLower(options), "authsource=") {
		if own == "" {
			own = "admin"
		}
		options = strings.TrimPrefix(options+"&authSource="+own, "&") // else it is the database's own name
	}
	return scheme + "://" + hosts + "/" + database + "?" + options
}
