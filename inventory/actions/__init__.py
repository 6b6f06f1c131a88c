"""Every verb on stock. One public function is one business verb."""

from inventory.actions.adjusting import (
    adjust_stock,
    approve_document,
    needs_approval,
    reject_document,
    return_to_vendor,
    write_off,
)
from inventory.actions.costing import land_cost
from inventory.actions.counting import (
    Counted,
    approve_count,
    ask_recount,
    cancel_count,
    enter_count,
    start_count,
    submit_count,
)
from inventory.actions.history import PastChange, ensure_skus, record_past_adjustments
from inventory.actions.ledger import (
    Change,
    Frozen,
    OutOfStock,
    lock_levels,
    lock_skus,
    movement,
    place_id,
    post_movements,
)
from inventory.actions.moving import Carry, block_expiring, change_lot, move_stock
from inventory.actions.places import add_bins, change_bin, change_warehouse, open_warehouse
from inventory.actions.purchasing import (
    Wanted,
    acknowledge_purchase,
    approve_purchase,
    cancel_purchase,
    close_purchase,
    draft_purchase,
    order_suggestions,
    reschedule_purchase,
    save_supplier,
    save_term,
    send_purchase,
    warn_of_late_purchases,
)
from inventory.actions.receiving import Arrived, receive_purchase, receive_stock
from inventory.actions.replenishing import classify_skus, suggest_purchases
from inventory.actions.reserving import (
    expire_holds,
    give_up_carts,
    give_way,
    hold_for_cart,
    release_stock,
    release_units,
    reserve_rows,
    set_allotment,
    set_policy,
)
from inventory.actions.shipping import Departure, post_return, ship_stock
from inventory.actions.splitting import split_level
from inventory.actions.transferring import (
    cancel_transfer,
    draft_transfer,
    receive_transfer,
    ship_transfer,
)

__all__ = [
    "Arrived", "Carry", "Change", "Counted", "Departure", "Frozen", "OutOfStock", "PastChange",
    "Wanted", "acknowledge_purchase", "add_bins", "adjust_stock", "approve_count",
    "approve_document", "approve_purchase", "ask_recount", "block_expiring", "cancel_count",
    "cancel_purchase", "cancel_transfer", "change_bin", "change_lot", "change_warehouse",
    "classify_skus", "close_purchase", "draft_purchase", "draft_transfer", "ensure_skus",
    "enter_count", "expire_holds", "give_up_carts", "give_way", "hold_for_cart", "land_cost", "lock_levels", "lock_skus",
    "move_stock", "movement", "needs_approval", "open_warehouse", "order_suggestions", "place_id",
    "post_movements", "post_return", "receive_purchase", "receive_stock", "receive_transfer",
    "record_past_adjustments", "reject_document", "release_stock", "release_units", "reschedule_purchase",
    "reserve_rows", "return_to_vendor", "save_supplier", "save_term", "send_purchase",
    "set_allotment", "set_policy", "ship_stock", "ship_transfer", "split_level", "start_count",
    "submit_count", "suggest_purchases", "warn_of_late_purchases", "write_off",
]  # fmt: skip
