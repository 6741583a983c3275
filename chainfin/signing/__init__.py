"""Where keys lie: encrypted keystores, PKCS#11 tokens, remote signers. Nobody else opens one."""
