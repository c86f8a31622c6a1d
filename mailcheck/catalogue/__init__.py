"""What the shop says of its products: feeds and price histories, of which only what is wanted is kept."""
