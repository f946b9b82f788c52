package main

// secrets are what the tests give to the program and must never get back from it.
var secrets = []string{ //nolint:gochecknoglobals // a constant
	demoAccount.AccessToken, demoAccount.AppSecret, demoAccount.VerifyToken, demoPassword,
}

func stopShared() {}
