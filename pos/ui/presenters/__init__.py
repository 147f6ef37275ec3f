"""What the screens say and do, without Qt: state that views draw, and the deeds behind the keys."""
