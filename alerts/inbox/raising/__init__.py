"""How alerts come and go by themselves: findings and clearings become alerts and what fired."""
