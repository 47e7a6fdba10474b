-- A session is one row for all panels: it is renewed by a step-up, lasts while it is used, and knows where it led, so
-- that every panel hears of its end. What a sign-in began with is under a MAC of its own, made once.

-- A sign-in from before this has none and is not taken up again; it would have ended within ten minutes anyway.
alter table sign_ins add column origin_mac bytea;

alter table sessions add column last_seen_at_ms bigint;

-- Recovery codes are a backup once their owner said that they keep them. Whoever has older ones is asked once more.
alter table authenticators add column kept_at_ms bigint;

alter table applications add column backchannel_logout_uri text;

create table session_entries (
  session_id text not null references sessions (id),
  application_id text not null references applications (id),
  entered_at_ms bigint not null,
  primary key (session_id, application_id)
);
