-- One cart with goods of several sellers is several orders.
create index orders_of_a_cart on orders (cart) where cart is not null;
