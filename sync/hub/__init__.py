"""The reference central server of an alliance: takes journals, keeps the ledger, hands out feeds."""
