"""Nothing is handed out: these recipes have no exercise yet."""
