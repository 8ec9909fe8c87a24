"""The policies: what follows from an order's facts under its terms, one file a situation."""

from domain.policies.cancellation import CANCELLATION
from domain.policies.change import CHANGE
from domain.policies.complaint import COMPLAINT
from domain.policies.credit import CREDIT
from domain.policies.credit_stop import CREDIT_STOP
from domain.policies.damage import DAMAGE
from domain.policies.delay import DELAY
from domain.policies.delivery import DELIVERY
from domain.policies.discrepancy import DISCREPANCY
from domain.policies.force_majeure import FORCE_MAJEURE
from domain.policies.goodwill import beside
from domain.policies.inspection import INSPECTION
from domain.policies.invoice import INVOICE
from domain.policies.payment_method import PAYMENT_METHOD
from domain.policies.personal_data import PERSONAL_DATA
from domain.policies.placing import PLACING
from domain.policies.policy import Policy
from domain.policies.purchase_guarantee import PURCHASE_GUARANTEE
from domain.policies.remedy import REMEDY
from domain.policies.returns import RETURNS
from domain.policies.rma import RMA
from domain.policies.rma_fees import RMA_FEES
from domain.policies.sales_return import SALES_RETURN
from domain.policies.sending_back import SENDING_BACK
from domain.policies.shipping import SHIPPING
from domain.policies.unclaimed import UNCLAIMED
from domain.policies.uncollected import UNCOLLECTED
from domain.policies.undeliverable import UNDELIVERABLE
from domain.policies.warranty import WARRANTY
from domain.policies.withdrawal import WITHDRAWAL
from domain.policies.withdrawal_refund import WITHDRAWAL_REFUND

BY_TERMS: tuple[Policy, ...] = (
    PLACING,
    CANCELLATION,
    UNCLAIMED,
    UNCOLLECTED,
    INVOICE,
    CREDIT,
    CREDIT_STOP,
    PAYMENT_METHOD,
    PERSONAL_DATA,
    DAMAGE,
    DISCREPANCY,
    COMPLAINT,
    WARRANTY,
    RMA,
    INSPECTION,
    RMA_FEES,
    SALES_RETURN,
    REMEDY,
    DELIVERY,
    DELAY,
    FORCE_MAJEURE,
    UNDELIVERABLE,
    CHANGE,
    SHIPPING,
    WITHDRAWAL,
    WITHDRAWAL_REFUND,
    RETURNS,
    SENDING_BACK,
    PURCHASE_GUARANTEE,
)  # fmt: skip
"""What is owed under the terms and the law."""
POLICIES: tuple[Policy, ...] = (*BY_TERMS, beside(BY_TERMS))
"""All of them: at the end what people give and ask beside the terms."""
