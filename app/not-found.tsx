export default function NotFound() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-3 p-4">
      <h1 className="text-xl font-semibold">There is no such page</h1>
      <p className="text-muted">
        Everything in Plumbline is on one screen; what it shows is in the part of its address after the question mark.
      </p>
      <a href="/" className="text-live underline">
        To the screen
      </a>
    </main>
  );
}
