"""Who and what is in the alliance: stores, merchants, members, packs, coupons."""
