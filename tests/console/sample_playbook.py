"""The playbook of the sample shop: small, and with every kind of step, so that every picture is drawn."""

MJML = """<mjml><mj-body background-color="#f4f6f5"><mj-section background-color="#ffffff"><mj-column>
<mj-text font-size="22px" color="#1f5c4d">Hello {{ customer.first_name | default: "there" }}</mj-text>
%s
<mj-button href="{{ shop.url }}/" background-color="#1f5c4d">Back to the shop</mj-button>
<mj-text font-size="12px" color="#777777">{{ shop.name }}, {{ shop.address }} ·
<a href="{{ unsubscribe_url }}">Unsubscribe</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""

FILES = {
    "playbook.yaml": """
playbook: sample
shop:
  name: Marigold & Wren
  url: {shop_url}
  address: 14 Lantern Yard, Bath
  timezone: Europe/London
  currency: GBP
  locale: en-GB
channels:
  email:
    consent: required
    from: Marigold & Wren <hello@shop.example>
  onsite:
    consent: implied
topics:
  offers: {{title: Things you might like}}
  news: {{title: Notes from the shop}}
guard:
  caps:
    - {{limit: 2, within: 3d, channel: email}}
  minimum_gap:
    - {{span: 2h, channel: email}}
  quiet_hours: {{start: "22:00", end: "08:00", channels: [email]}}
""",
    "segments.yaml": """
newcomers:
  title: Newcomers
  description: We know how to write to them, and they have not bought anything yet.
  condition: trait.email != None and not did("Order Completed")
lookers:
  title: Window shoppers
  description: They look a great deal and put nothing into the basket.
  condition: count("Product Viewed", within="7d") >= 4 and not did("Product Added", within="7d")
cart_holders:
  title: Something in the basket
  condition: not cart.is_empty
first_time:
  title: Bought once
  condition: count("Order Completed") == 1
regulars:
  title: Habitués
  description: Two orders or more.
  condition: count("Order Completed") >= 2
big_spenders:
  title: Big spenders
  description: Two hundred pounds or more within a year.
  condition: sum("Order Completed", total, within="365d") >= 200
gone_quiet:
  title: Gone quiet
  condition: did("Product Viewed") and not did("Product Viewed", within="7d")
unicorns:
  title: Unicorns
  condition: count("Order Completed") >= 1000
""",
    "journeys/cart.yaml": """
journey: cart
title: Left in the basket
description: Half an hour after the last thing was put into the basket, first a word on the page, later an e-mail.
entry:
  inaction: {{after: Product Added, within: 30m, without: [Order Completed]}}
when: not cart.is_empty
reentry: after 1d
goal: Order Completed
exit_when: cart.is_empty
time_limit: 5d
steps:
  - send: cart_waiting
  - wait: 2h
  - send: cart_reminder
  - wait: 3d
""",
    "journeys/browse.yaml": """
journey: browse
title: Looked and left
description: Twenty-five minutes after the last look at a product, a few words about that very product.
entry:
  inaction: {{after: Product Viewed, within: 25m, without: [Product Added, Order Completed]}}
when: cart.is_empty
reentry: after 2d
goal: Order Completed
time_limit: 2d
steps:
  - send: browse_reminder
  - wait: 12h
""",
    "journeys/second_order.yaml": """
journey: second_order
title: The second order
description: Thanks for the first order; who does not come back within days is shown what goes with it.
entry:
  event: Order Completed
when: segment("first_time")
reentry: never
steps:
  - wait: 1d
  - wait_until: 10:00
  - send: thanks
  - wait_event: Order Completed
    timeout: 5d
    then:
      - set: {{returning: true}}
      - goal
    otherwise:
      - if:
          - name: spent_a_lot
            when: sum("Order Completed", total) >= 60
            then:
              - send: second_offer
          - name: looked_again
            when: did("Product Viewed", within="3d")
            then:
              - split:
                  thanks:
                    weight: 70
                    then:
                      - send: thanks
                  nothing:
                    weight: 30
                    then:
                      - exit
      - wait: 2d
""",
    "messages/cart_waiting.yaml": """
message: cart_waiting
title: Your basket is safe
topic: offers
ttl: 1d
duplicate_within: 1d
onsite:
  type: popup
  title: Your basket is safe with us
  body: "{{{{ cart.items[0].name }}}} is still there. Take your time."
  button: Go to the basket
  url: "{{{{ shop.url }}}}/cart"
  image: "{{{{ cart.items[0].image_url }}}}"
""",
    "messages/cart_reminder.yaml": """
message: cart_reminder
title: Basket reminder
topic: offers
ttl: 1d
duplicate_within: 2d
email:
  subject: "{{{{ cart.items[0].name }}}} is waiting"
  mjml: cart_reminder.mjml
""",
    "messages/browse_reminder.yaml": """
message: browse_reminder
title: About what you looked at
topic: offers
ttl: 1d
duplicate_within: 2d
about: event.product_id
email:
  subject: "{{{{ event.name }}}}, still on your mind?"
  mjml: browse_reminder.mjml
onsite:
  type: banner
  title: "Still thinking of {{{{ event.name }}}}?"
  body: It is here, and so are we.
  button: Have another look
  url: "{{{{ shop.url }}}}/"
""",
    "messages/thanks.yaml": """
message: thanks
title: Thank you
topic: news
kind: news
email:
  subject: Thank you for your order
  mjml: thanks.mjml
""",
    "messages/second_offer.yaml": """
message: second_offer
title: Goes well with it
topic: offers
email:
  subject: Something that goes with it
  mjml: second_offer.mjml
""",
}
PARTS = {
    "messages/cart_reminder.mjml": MJML
    % "<mj-text>{% for line in cart.items %}{{ line.name }} · {{ line.price | money }}<br/>{% endfor %}</mj-text>",
    "messages/browse_reminder.mjml": MJML % "<mj-text>You looked at {{ event.name }}.</mj-text>",
    "messages/thanks.mjml": MJML % "<mj-text>It means a lot to a small shop.</mj-text>",
    "messages/second_offer.mjml": MJML % "<mj-text>People who bought the same often come back for this.</mj-text>",
}


def files(shop_url: str) -> dict[str, str]:
    """The playbook's files, for a shop at this address."""
    return {path: text.format(shop_url=shop_url) for path, text in FILES.items()} | PARTS
