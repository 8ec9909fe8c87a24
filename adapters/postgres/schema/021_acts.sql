-- What people did to an order or a customer, the newest first, without the rest of the log.
create index events_that_are_acts on events (recorded_at, partition, position)
    where type in ('DiscretionExercised', 'RulesAdopted', 'PersonalDataErased');
