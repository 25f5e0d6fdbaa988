"""For those who write exercises: proving graders, making new exercises, handing courses on."""
